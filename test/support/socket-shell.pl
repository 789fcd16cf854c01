# A remote shell that is the test itself: joins its standard input and output to the socket that its first
# argument names, and ends with the status that the second one says when the other end says nothing more.
#   -e "perl socket-shell.pl SOCKET STATUS"
# In Perl, because tests start many of them, move much through them, and Node takes ten times as long for either.

use strict;
use warnings;
use IO::Socket::UNIX;
use Socket qw(SHUT_WR);

my ($path, $status) = @ARGV;
$SIG{PIPE} = 'IGNORE';
my $socket = IO::Socket::UNIX->new(Peer => $path) or exit 255;
my $shell = $$;
my $sender = fork() // exit 255;

# Copies until there is nothing more, or nobody takes it; says whether all of it was taken.
sub copy {
  my ($from, $to) = @_;
  while (my $length = sysread $from, my $bytes, 1 << 18) {
    for (my $done = 0; $done < $length;) {
      $done += syswrite($to, $bytes, $length - $done, $done) // return 0;
    }
  }
  return 1;
}

if ($sender == 0) {
  close STDOUT;
  # Whoever waits for our end must not wait for a line that takes nothing.
  kill TERM => $shell unless copy(*STDIN, $socket);
  shutdown $socket, SHUT_WR;
  exit 0;
}

sub finish {
  kill KILL => $sender;
  exit $status;
}

$SIG{TERM} = \&finish;
close STDIN;
copy($socket, *STDOUT);
finish();

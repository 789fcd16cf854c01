// Directory indexes as servers write them, of one folder with odd names; taken from nginx 1.22, Apache 2.4,
// lighttpd 1.4, Python 3.11 and Caddy 2, shortened. This file is a table.

/** The same folder on each: name to link text, so that pages stay readable. */
export const nginxPage = `<html>
<head><title>Index of /pub/</title></head>
<body>
<h1>Index of /pub/</h1><hr><pre><a href="../">../</a>
<a href="sub/">sub/</a>                                               27-Nov-2026 13:28                   -
<a href="%20lead"> lead</a>                                              27-Nov-2026 13:28                   1
<a href="c%20d%26e.bin">c d&amp;e.bin</a>                                          27-Nov-2026 13:28             1300000
<a href="nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn.dat">nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn..&gt;</a> 27-Nov-2026 13:28                   1
<a href="q%22uo%3Cte%3E%2541%23%3F.txt">q&quot;uo&lt;te&gt;%41#?.txt</a>                                  27-Nov-2026 13:28                   1
<a href="%E9%FF.txt">\xe9\xff.txt</a>                                             03-Feb-2025 04:05                   5
</pre><hr></body>
</html>
`;

/** autoindex_exact_size off. */
export const nginxRoundedPage = `<h1>Index of /</h1><hr><pre><a href="../">../</a>
<a href="b.bin">b.bin</a>                                              27-Nov-2026 13:28    1300
<a href="c.bin">c.bin</a>                                              27-Nov-2026 13:28      1M
</pre>`;

/** FancyIndexing HTMLTable, with a HEADER.html and a description. */
export const apacheTablePage = `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">
<html><head><title>Index of /pub</title></head><body>
<p>See <a href="README">the notes</a>, <a href="http://elsewhere.example/x">another server</a>
and <script>document.write('<a href="evil">x</a>')</script>.</p>
<table>
<tr><th valign="top"><img src="/icons/blank.gif" alt="[ICO]"></th><th><a href="?C=N;O=D">Name</a></th><th><a href="?C=M;O=A">Last modified</a></th><th><a href="?C=S;O=A">Size</a></th><th><a href="?C=D;O=A">Description</a></th></tr>
<tr><th colspan="5"><hr></th></tr>
<tr><td valign="top"><img src="/icons/back.gif" alt="[PARENTDIR]"></td><td><a href="/">Parent Directory</a></td><td>&nbsp;</td><td align="right">  - </td><td>&nbsp;</td></tr>
<tr><td valign="top">&nbsp;</td><td><a href="a.txt">a.txt</a></td><td align="right">2025-02-03 04:05  </td><td align="right">  5 </td><td>12M of 2020-01-01 00:00</td></tr>
<tr><td valign="top">&nbsp;</td><td><a href="c%20d&amp;e.bin">c d&amp;e.bin</a></td><td align="right">2026-11-27 13:28  </td><td align="right">1.2M</td><td>&nbsp;</td></tr>
<tr><td valign="top">&nbsp;</td><td><a href="./plus+semi;colon:x">plus+semi;colon:x</a></td><td align="right">2026-11-27 13:28  </td><td align="right">  1 </td><td>&nbsp;</td></tr>
<tr><td valign="top">&nbsp;</td><td><a href="sub/">sub/</a></td><td align="right">2026-11-27 13:28  </td><td align="right">  - </td><td>&nbsp;</td></tr>
<tr><td valign="top">&nbsp;</td><td><a href="%e9%ff.txt">\xe9\xff.txt</a></td><td align="right">2026-11-27 13:28  </td><td align="right">  1 </td><td>&nbsp;</td></tr>
<tr><th colspan="5"><hr></th></tr>
</table>
<address>Apache/2.4.71 (Debian)</address></body></html>
`;

/** FancyIndexing IconsAreLinks UseOldDateFormat: preformatted text. */
export const apacheTextPage = `<h1>Index of /pub</h1>
<pre>      <a href="?C=N;O=D">Name</a>                    <a href="?C=M;O=A">Last modified</a>      <a href="?C=S;O=A">Size</a>  <a href="?C=D;O=A">Description</a><hr><a href="/"><img src="/icons/back.gif" alt="[PARENTDIR]"></a> <a href="/">Parent Directory</a>                             -   
<a href="a.txt">     </a> <a href="a.txt">a.txt</a>                   03-Feb-2025 04:05    5   
<a href="c%20d&amp;e.bin"><img src="/i.gif" alt="[   ]"></a> <a href="c%20d&amp;e.bin">c d&amp;e.bin</a>               27-Nov-2026 13:28  1.2M  
<a href="sub/">     </a> <a href="sub/">sub/</a>                    27-Nov-2026 13:28    -   
<hr></pre>
`;

/** Without FancyIndexing. */
export const apachePlainPage = `<h1>Index of /pub</h1>
<ul><li><a href="/"> Parent Directory</a></li>
<li><a href="a.txt"> a.txt</a></li>
<li><a href="it's"> it's</a></li>
<li><a href="sub/"> sub/</a></li>
</ul>`;

export const lighttpdPage = `<table summary="Directory Listing" cellpadding="0" cellspacing="0">
<thead><tr><th class="n">Name</th><th class="m">Last Modified</th><th class="s">Size</th><th class="t">Type</th></tr></thead>
<tbody>
<tr class="d"><td class="n"><a href="../">..</a>/</td><td class="m">&nbsp;</td><td class="s">- &nbsp;</td><td class="t">Directory</td></tr>
<tr class="d"><td class="n"><a href="sub/">sub</a>/</td><td class="m">2026-Nov-27 13:28:47</td><td class="s">- &nbsp;</td><td class="t">Directory</td></tr>
<tr><td class="n"><a href="a.txt">a.txt</a></td><td class="m">2025-Feb-03 04:05:06</td><td class="s">0.1K</td><td class="t">application/octet-stream</td></tr>
<tr><td class="n"><a href="c%20d%26e.bin">c d&#x26;e.bin</a></td><td class="m">2026-Nov-27 13:28:47</td><td class="s">1.2M</td><td class="t">application/octet-stream</td></tr>
</tbody></table>
<script type="text/javascript">
document.write("<a href='no.txt'>2026-Nov-27 13:28:47</a>");
</script>`;

export const pythonPage = `<h1>Directory listing for /</h1>
<hr>
<ul>
<li><a href="a.txt">a.txt</a></li>
<li><a href="link">link@</a></li>
<li><a href="sub/">sub/</a></li>
</ul>`;

export const caddyPage = `<table aria-describedby="summary"><tbody>
<tr><td></td><td><a href=".."><span class="go-up">Up</span></a></td><td></td><td class="timestamp hideable"></td></tr>
<tr class="file"><td></td><td><a href="./sub/"><svg></svg> <span class="name">sub</span></a></td><td>&mdash;</td>
<td class="timestamp hideable"><time datetime="2026-11-27T13:28:47Z">11/27/2026 01:28:47 PM</time></td></tr>
<tr class="file"><td></td><td><a href="./c%20d&amp;e.bin"><span class="name">c d&amp;e.bin</span></a></td>
<td class="size" data-size="1300000"><div class="sizebar"><div class="sizebar-text">1.2 MiB</div></div></td>
<td class="timestamp hideable"><time datetime="2026-11-27T13:28:47Z">11/27/2026 01:28:47 PM</time></td></tr>
</tbody></table>`;

export const nginxJson = `[
{ "name":"sub", "type":"directory", "mtime":"Fri, 27 Nov 2026 13:28:47 GMT" },
{ "name":"back\\\\slash", "type":"file", "mtime":"Fri, 27 Nov 2026 13:28:47 GMT", "size":1 },
{ "name":"fifo", "type":"other", "mtime":"Fri, 27 Nov 2026 13:28:47 GMT" },
{ "name":"../up", "type":"file", "mtime":"Fri, 27 Nov 2026 13:28:47 GMT", "size":1 },
{ "name":"\xe9\xff.txt", "type":"file", "mtime":"Mon, 03 Feb 2025 04:05:06 GMT", "size":5 }
]`;

export const caddyJson = `[{"name":"sub/","size":4096,"url":"./sub/","mod_time":"2026-11-27T13:28:47.25Z","mode":2147484141,"is_dir":true,"is_symlink":false},
{"name":"\\ufffd.txt","size":5,"url":"./%E9.txt","mod_time":"2025-02-03T04:05:06Z","mode":420,"is_dir":false,"is_symlink":false},
{"name":"link","size":9,"url":"./link","mod_time":"2025-02-03T04:05:06Z","mode":134218239,"is_dir":false,"is_symlink":true}]`;

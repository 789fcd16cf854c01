// Which of the two programs runs.

/** The program's name: manifold's defaults and output, or exactly rsync's. */
export type Personality = "manifold" | "manifold-rsync";

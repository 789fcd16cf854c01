// manifold's version; a test holds it equal to package.json's.

/** The version that --version prints. */
export const version = "0.1.0";

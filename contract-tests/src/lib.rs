//! The gate: it will judge clients and servers against the CrewPass documents contract, clause by clause.
//!
//! Nothing of it is built yet. The package is here so that the workspace has its final form; its tests hold the
//! repository to its own promises meanwhile.

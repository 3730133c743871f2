//! The gate: judges clients and servers against the CrewPass documents contract.

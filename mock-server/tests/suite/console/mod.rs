//! The console in a real browser: each control, by what the control API says after it was used.

mod appearance;
mod browser;
mod controls;
mod journal;
mod people;
mod routes;

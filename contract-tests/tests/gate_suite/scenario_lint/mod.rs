//! Rules that every scenario keeps, over all scenario files: what differs from the friendly answer, which headers and
//! policies vary, by which ways a hostile value travels, and what the task `fleet` leaves out.

mod answer;
mod difference;
mod headers;
mod in_fleet;
mod one_change;
mod policies;
mod roads;
mod rules;

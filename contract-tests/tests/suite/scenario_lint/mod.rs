//! Rules that every scenario keeps, over all scenario files: what differs from the friendly answer, which headers and
//! policies vary, and by which ways a hostile value travels.

mod answer;
mod difference;
mod headers;
mod one_change;
mod policies;
mod roads;
mod rules;

//! Why a request gets what it gets, over real sockets: the walk agrees with the server, and changes nothing about it.

mod agrees;
mod ask;
mod header;
mod links;
mod words;

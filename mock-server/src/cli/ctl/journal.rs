//! `ctl journal`: the journal as a table that follows, as JSON, or as a HAR file.

use http::Method;

use super::super::error::CliError;
use super::super::standard_output::say;
use super::args::{JournalArgs, JournalOrder};
use super::fake::Fake;
use super::table;

/// Prints the journal, or deletes its entries.
pub(super) fn print(fake: &Fake, args: &JournalArgs) -> Result<(), CliError> {
    let JournalArgs { format, filter, order } = args;
    match order {
        None => follow(fake, format.json, &filter.only),
        Some(JournalOrder::Follow { format: own, filter: more }) => {
            follow(fake, format.json || own.json, &[&filter.only[..], &more.only].concat())
        }
        Some(JournalOrder::Show { format: own, filter: more }) => {
            show(fake, format.json || own.json, &[&filter.only[..], &more.only].concat())
        }
        Some(JournalOrder::Har { filter: more }) => {
            refuse("`har` prints JSON anyway, so it takes no --json", format.json)?;
            har(fake, &[&filter.only[..], &more.only].concat())
        }
        Some(JournalOrder::Clear) => {
            refuse("`clear` deletes every entry, so it takes no --only", !filter.only.is_empty())?;
            refuse("`clear` prints no entry, so it takes no --json", format.json)?;
            say(&format!("{}\n", fake.send(fake.request(Method::DELETE, &["journal"]))?))
        }
    }
}

/// Refuses an option that was given before an order that does not take it.
fn refuse(why: &str, is_given: bool) -> Result<(), CliError> {
    if is_given { Err(CliError::Usage(why.to_owned())) } else { Ok(()) }
}

fn follow(fake: &Fake, json: bool, only: &[(String, String)]) -> Result<(), CliError> {
    let request = fake.request(Method::GET, &["journal", "stream"]).query(only);
    if json {
        return fake.follow(request, || Ok(()), |data| say(&format!("{data}\n")));
    }
    fake.follow(request, || say(table::HEADER), |data| say(&table::event_row(data)))
}

fn show(fake: &Fake, json: bool, only: &[(String, String)]) -> Result<(), CliError> {
    let journal = fake.send(fake.request(Method::GET, &["journal"]).query(only))?;
    if json { say(&format!("{journal}\n")) } else { say(&table::journal(&journal)) }
}

fn har(fake: &Fake, only: &[(String, String)]) -> Result<(), CliError> {
    say(&format!("{}\n", fake.send(fake.request(Method::GET, &["journal.har"]).query(only))?))
}

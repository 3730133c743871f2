//! Judges of time: a client that waits gives up by itself, and ends when it is told to.

use std::time::Duration;

use super::Verdict;
use super::reading::{Reading, Ruling, ended};
use crate::witness::End;

/// CPK-TIME-01.
pub(super) fn gives_up(reading: &Reading<'_>) -> Ruling {
    let read = reading.last()?;
    let silent = read.seen.iter().any(|seen| seen.exchange.status == 0);
    Reading::demand(silent, "no request was left without an answer")?;
    let refused = reading.must_refuse(read, "no answer came, and the client gives up before its deadline");
    Ok(Verdict::of(refused.into_iter().collect()))
}

/// CPK-TIME-02.
pub(super) fn gives_up_on_a_trickle(reading: &Reading<'_>) -> Ruling {
    let read = reading.last()?;
    let trickle = read.files().any(|seen| seen.exchange.bytes > 0 && !seen.exchange.whole);
    Reading::demand(trickle, "no body had begun to trickle")?;
    let refused = reading.must_refuse(read, "a body of one byte per second is given up before the deadline");
    Ok(Verdict::of(refused.into_iter().collect()))
}

/// CPK-TIME-03.
pub(super) fn ends_when_told(reading: &Reading<'_>) -> Ruling {
    const WITHIN: Duration = Duration::from_secs(5);
    let told = reading.runs.iter().find(|read| matches!(read.run.process.end, End::Terminated(_)));
    let Some(read) = told else {
        return Err(Verdict::NotExercised("the client was not running when SIGTERM was due".to_owned()));
    };
    let process = &read.run.process;
    let expected = "an end within 5 s of SIGTERM, and an exit that is not 0";
    let late = process.took_to_stop.filter(|took| *took > WITHIN);
    let observed = match (process.end, late) {
        (End::Terminated(Some(code)), None) if code != 0 => return Ok(Verdict::Pass(None)),
        (_, Some(took)) => format!("{} ms to end", took.as_millis()),
        (end, None) => ended(end),
    };
    Ok(Verdict::Fail(vec![reading.found(read, expected, observed).done()]))
}

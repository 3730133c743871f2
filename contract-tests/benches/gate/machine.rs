//! What Linux tells about the machine and about this process.

use std::fs::read_to_string;

use crate::Result;

/// Ticks of `/proc/PID/stat` in a second: `USER_HZ`, which is 100 on every Linux that Rust runs on.
const TICKS: f64 = 100.0;

/// Processor time so far, in seconds: of this process, and of those that it started and that have ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Processor {
    pub(crate) own: f64,
    pub(crate) children: f64,
}

impl Processor {
    pub(crate) fn now() -> Result<Self> {
        let stat = read_to_string("/proc/self/stat")?;
        // The name in parentheses may hold anything, so fields are counted from its end.
        let (_, fields) = stat.rsplit_once(')').ok_or("a stat without a name")?;
        let times: Vec<f64> = fields.split_whitespace().skip(11).take(4).filter_map(|time| time.parse().ok()).collect();
        let [user, system, of_children, system_of_children] = times[..] else {
            return Err("a stat without times".into());
        };
        Ok(Self { own: (user + system) / TICKS, children: (of_children + system_of_children) / TICKS })
    }

    pub(crate) fn since(earlier: Self) -> Result<Self> {
        let now = Self::now()?;
        Ok(Self { own: now.own - earlier.own, children: now.children - earlier.children })
    }
}

/// Processor time of the whole machine so far, in seconds: all that was not idle, and what a host took away.
pub(crate) fn busy() -> Result<f64> {
    let stat = read_to_string("/proc/stat")?;
    let line = stat.lines().next().ok_or("an empty stat")?;
    let times: Vec<f64> = line.split_whitespace().skip(1).take(8).filter_map(|time| time.parse().ok()).collect();
    let [user, nice, system, _idle, _waiting_for_disk, interrupt, soft_interrupt, stolen] = times[..] else {
        return Err("a stat without times".into());
    };
    Ok((user + nice + system + interrupt + soft_interrupt + stolen) / TICKS)
}

/// The memory that this process has allocated and that is resident, in MiB.
pub(crate) fn allocated_mib() -> Result<f64> {
    let status = read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).ok_or("a status without its memory")?;
    let kib: u32 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(f64::from(kib) / 1024.0)
}

/// The cores, the model of the CPU, and how busy the machine was over the last minute.
pub(crate) fn describe() -> Result<String> {
    let cores = std::thread::available_parallelism()?;
    let info = read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split_once(": "));
    let model = model.map_or("unknown CPU", |(_, model)| model.trim());
    let busy = read_to_string("/proc/loadavg").unwrap_or_default();
    let busy = busy.split(' ').next().unwrap_or("?");
    Ok(format!("{cores} cores, {model}, load average {busy} at the start"))
}

//! The process of a receiver.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::client::run::HarnessError;
use crate::client::transport::{Bounds, ClientEnv, Deadline, Exec, SubjectError, run_service};
use crate::client::witness::{Monitor, Process, Watch};
use crate::receiver::facts::Start;

/// The time that a receiver has until its port accepts connections.
const READY: Duration = Duration::from_secs(30);

/// The longest that a receiver runs; every wait of a scenario is far shorter.
const LONGEST: Duration = Duration::from_mins(20);

/// The time from SIGTERM to SIGKILL.
const GRACE: Duration = Duration::from_secs(5);

/// The time limit of the sender for an answer.
const ANSWER: Duration = Duration::from_secs(10);

/// The polling interval.
pub(super) const LOOK: Duration = Duration::from_millis(25);

/// A running receiver; dropping it ends the process.
#[derive(Debug)]
pub(super) struct Service {
    terminate: Option<oneshot::Sender<()>>,
    task: JoinHandle<Result<Process, SubjectError>>,
}

impl Service {
    /// Starts a receiver. If `kill`, its end will be SIGKILL at once.
    pub(super) fn start(exec: &Exec, env: ClientEnv, monitor: &Monitor, kill: bool) -> Self {
        let (sender, receiver) = oneshot::channel();
        let grace = if kill { Duration::ZERO } else { GRACE };
        let bounds = Bounds { deadline: Deadline::after(LONGEST), grace, monitor: monitor.clone() };
        let exec = exec.clone();
        let task = tokio::spawn(async move {
            let terminate = async {
                // A sender that is dropped ends the task, too.
                let _ = receiver.await;
            };
            run_service(&exec, &env, bounds, terminate).await
        });
        Self { terminate: Some(sender), task }
    }

    /// Waits until the port accepts a connection, or the receiver has exited.
    pub(super) async fn ready(&self, address: SocketAddr, monitor: &Monitor) -> Start {
        ready(address, monitor, || self.is_over()).await
    }

    /// Returns true if the receiver has exited.
    pub(super) fn is_over(&self) -> bool {
        self.task.is_finished()
    }

    /// Ends the receiver, and returns what it printed.
    pub(super) async fn stop(mut self) -> Result<Process, HarnessError> {
        if let Some(terminate) = self.terminate.take() {
            // An error means that it has ended by itself.
            let _ = terminate.send(());
        }
        let process = (&mut self.task).await?;
        Ok(process?)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Waits until an address accepts a connection, or until the receiver has exited.
pub(super) async fn ready(address: SocketAddr, monitor: &Monitor, is_over: impl Fn() -> bool) -> Start {
    let watch = monitor.watch(None);
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let begun = tokio::time::Instant::now();
    while !has_passed(begun.elapsed(), READY, &watch) {
        look.tick().await;
        if is_over() {
            return Start::Ended;
        }
        if TcpStream::connect(address).await.is_ok() {
            return Start::Ready;
        }
    }
    Start::Silent
}

/// Returns true if a time limit has passed, without the time that the machine did not give, up to three times the limit.
pub(super) fn has_passed(elapsed: Duration, limit: Duration, watch: &Watch) -> bool {
    elapsed >= limit + watch.strain().lost.min(limit * 3)
}

/// Returns the result of some work, or `None` if the time limit for an answer passes before.
pub(super) async fn within_answer_time<T>(monitor: &Monitor, work: impl Future<Output = T>) -> Option<T> {
    let watch = monitor.watch(None);
    let begun = Instant::now();
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tokio::pin!(work);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return Some(done),
            _ = look.tick() => {
                if has_passed(begun.elapsed(), ANSWER, &watch) {
                    return None;
                }
            }
        }
    }
}

//! A wall clock that jumps, by way of libfaketime, which reads the offset from a file at each call.

use std::fs;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::Nemesis;

const DAY_S: i64 = 86_400;
/// How far from the jump the clock may be seen to be: servers keep the date of an answer for a second.
const SLACK_S: i64 = 5;
const LOOK_EVERY: Duration = Duration::from_millis(200);
const PATIENCE: Duration = Duration::from_secs(1);

impl Nemesis {
    /// A wall clock jumps and comes back; the monotonic one goes on.
    pub(super) async fn clock_jump(&self, targets: &[u64], until: Instant) -> Result<(), String> {
        for &target in targets {
            let clock = self.ground.clock(target);
            fs::write(&clock, format!("{:+}\n", self.fault.jump_s)).map_err(|e| e.to_string())?;
        }
        for &target in targets {
            // A server keeps the date of its answers until its clock passes it: one that went back is not seen there.
            if self.fault.jump_s < 0 {
                self.loaded(target).await;
                continue;
            }
            while Instant::now() < until {
                let seen = timeout(PATIENCE, ahead_s(&self.cell.endpoint(target))).await;
                let seen = seen.ok().flatten();
                if seen.is_some_and(|ahead| apart_s(ahead, self.fault.jump_s) <= SLACK_S) {
                    self.bit(target, json!({"seconds ahead, by its answers": self.fault.jump_s}));
                    break;
                }
                sleep(LOOK_EVERY).await;
            }
        }
        sleep_until(until).await;
        for &target in targets {
            fs::write(self.ground.clock(target), "+0\n").map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// Libfaketime is in the process, and reads the offset at each call.
    async fn loaded(&self, target: u64) {
        let pid = self.cell.node(target).await.pid().unwrap_or_default();
        let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap_or_default();
        if maps.contains("libfaketime") {
            self.bit(target, json!({"offset that libfaketime reads": self.fault.jump_s}));
        }
    }
}

/// How far the clock of a node is ahead of ours, by the date in an answer; modulo a day.
async fn ahead_s(url: &str) -> Option<i64> {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).await.ok()?;
    let request = b"GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    stream.write_all(request).await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    let now_s = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
    Some(time_of_day_s(&answer)? - i64::try_from(now_s).ok()? % DAY_S)
}

/// The time of day in the `date` header of an answer (RFC 9110, 5.6.7): `Wed, 25 Nov 2026 19:05:32 GMT`.
fn time_of_day_s(answer: &str) -> Option<i64> {
    let is_date = |line: &&str| line.to_ascii_lowercase().starts_with("date:");
    let date = answer.lines().find(is_date)?;
    let mut parts = date.split_ascii_whitespace().nth(5)?.split(':').map(str::parse::<i64>);
    let mut next = || parts.next()?.ok();
    Some(next()? * 3600 + next()? * 60 + next()?)
}

fn apart_s(left: i64, right: i64) -> i64 {
    let apart = (left - right).rem_euclid(DAY_S);
    apart.min(DAY_S - apart)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_in_an_answer_is_read() {
        let answer = "HTTP/1.1 200 OK\r\nDate: Wed, 25 Nov 2026 19:05:32 GMT\r\n\r\n";
        assert_eq!(time_of_day_s(answer), Some(19 * 3600 + 5 * 60 + 32));
        assert_eq!(time_of_day_s("HTTP/1.1 200 OK\r\n\r\n"), None);
    }

    #[test]
    fn midnight_is_no_distance() {
        assert_eq!(apart_s(10 - DAY_S, 0), 10);
        assert_eq!(apart_s(600, -600), 1200);
    }
}

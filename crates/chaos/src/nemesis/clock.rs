//! A wall clock that jumps, by way of libfaketime, which reads the offset from a file at each call.

use std::fs;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::Nemesis;

const DAY_S: i64 = 86_400;
/// How far from the jump the clock may be seen to be.
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
            while Instant::now() < until {
                let seen = timeout(
                    PATIENCE,
                    ahead_s(self.cell.endpoint(target).trim_start_matches("http://")),
                )
                .await;
                let seen = seen.ok().flatten();
                if seen.is_some_and(|ahead| apart_s(ahead, self.fault.jump_s) <= SLACK_S) {
                    self.bit(target, json!({"seconds ahead, by its answer": self.fault.jump_s}));
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
}

/// How far the clock of a node is ahead of ours, modulo a day: who signs a day ahead is told the server's time.
async fn ahead_s(host: &str) -> Option<i64> {
    let now_s = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
    let now_s = i64::try_from(now_s).ok()?;
    let query = "Action=GetCallerIdentity&Version=2011-06-15";
    let headers: [(&str, &[u8]); 1] = [("host", host.as_bytes())];
    let request = sigv4::HttpRequest {
        method: "GET",
        path: "/",
        query,
        headers: &headers,
        body_sha256: sigv4::sha256(b""),
    };
    let nobody = sigv4::Credentials {
        access_key_id: "AKIAIOSFODNN7EXAMPLE",
        secret_access_key: "nobody's",
        session_token: None,
    };
    let scope = sigv4::Scope { region: "us-east-1", service: "sts" };
    let signed = sigv4::sign(&request, &nobody, scope, now_s + DAY_S).ok()?;
    let signed: String =
        signed.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let mut stream = TcpStream::connect(host).await.ok()?;
    let request =
        format!("GET /?{query} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{signed}\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    Some(time_of_day_s(&answer)? - now_s % DAY_S)
}

/// The server's time of day in its refusal:
/// `Signature not yet current: 20261129T… is still later than 20261128T… (20261128T190532Z + 15 min.)`.
fn time_of_day_s(refusal: &str) -> Option<i64> {
    let (_, later) = refusal.split_once("is still later than ")?;
    let (_, now) = later.split_once('(')?;
    let digits = now.split_once('T')?.1.get(..6)?;
    let part = |from: usize| digits.get(from..from + 2)?.parse::<i64>().ok();
    Some(part(0)? * 3600 + part(2)? * 60 + part(4)?)
}

fn apart_s(left: i64, right: i64) -> i64 {
    let apart = (left - right).rem_euclid(DAY_S);
    apart.min(DAY_S - apart)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_in_a_refusal_is_read() {
        let refusal = "<Message>Signature not yet current: 20261129T190532Z is still later than \
                       20261128T192032Z (20261128T190532Z + 15 min.)</Message>";
        assert_eq!(time_of_day_s(refusal), Some(19 * 3600 + 5 * 60 + 32));
        assert_eq!(time_of_day_s("<Message>The security token is invalid.</Message>"), None);
    }

    #[test]
    fn midnight_is_no_distance() {
        assert_eq!(apart_s(10 - DAY_S, 0), 10);
        assert_eq!(apart_s(600, -600), 1200);
    }
}

//! Distributions as text: `lognormal:median=4s,sigma=0.5`.

use std::fmt;
use std::str::FromStr;

use libm::{log, round};

use super::Distribution;
use crate::{MAX_DELAY_US, duration};

/// The standard normal is below this in 99 of 100 cases.
const Z_99: f64 = 2.326_347_874_040_841;
/// Samples in a trace at most.
const TRACE_MAX: usize = 10_000;

/// The values of `name=value` pairs, each taken once.
struct Parameters<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Parameters<'a> {
    fn read(text: &'a str) -> Result<Self, String> {
        let pair = |pair: &'a str| {
            pair.split_once('=').ok_or_else(|| format!("`{pair}` is no name=value"))
        };
        text.split(',').map(pair).collect::<Result<_, _>>().map(Parameters)
    }

    fn take(&mut self, name: &str) -> Option<&'a str> {
        let at = self.0.iter().position(|(known, _)| *known == name)?;
        Some(self.0.remove(at).1)
    }

    fn delay(&mut self, name: &str) -> Result<u64, String> {
        delay(self.take(name).ok_or_else(|| format!("`{name}` is missing"))?)
    }

    /// A number above 0.
    fn number(&mut self, name: &str, max: f64) -> Result<f64, String> {
        let text = self.take(name).ok_or_else(|| format!("`{name}` is missing"))?;
        let number: Option<f64> = text.parse().ok();
        number
            .filter(|number| *number > 0.0 && *number <= max)
            .ok_or_else(|| format!("`{name}={text}`: a number above 0, at most {max}"))
    }

    fn end(self) -> Result<(), String> {
        match self.0.first() {
            Some((name, _)) => Err(format!("`{name}` has no place here")),
            None => Ok(()),
        }
    }
}

fn delay(text: &str) -> Result<u64, String> {
    let delay_us = duration::parse(text);
    let delay_us = delay_us.ok_or_else(|| {
        format!("`{text}` is no duration: write a number and us, ms, s, m or h, such as 400ms")
    })?;
    match delay_us <= MAX_DELAY_US {
        true => Ok(delay_us),
        false => Err(format!("`{text}` is longer than an hour")),
    }
}

fn above_zero(name: &str, delay_us: u64) -> Result<u64, String> {
    if delay_us > 0 { Ok(delay_us) } else { Err(format!("`{name}` must be above 0")) }
}

/// The reason says what is wrong.
impl FromStr for Distribution {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, rest) = match text.split_once(':') {
            Some((name, rest)) => (name, rest),
            None if text == "none" => return Ok(Distribution::None),
            None => return Err(format!("`{text}` is no distribution")),
        };
        match name {
            "fixed" => return delay(rest).map(|delay_us| Distribution::Fixed { delay_us }),
            "trace" => {
                let delays_us = rest.split(',').map(delay).collect::<Result<Vec<_>, _>>()?;
                return match delays_us.len() <= TRACE_MAX {
                    true => Ok(Distribution::Trace { delays_us }),
                    false => Err(format!("a trace has at most {TRACE_MAX} delays")),
                };
            }
            _ => {}
        }
        let mut given = Parameters::read(rest)?;
        let read = match name {
            "uniform" => {
                let (min_us, max_us) = (given.delay("min")?, given.delay("max")?);
                if min_us > max_us {
                    return Err("`min` is above `max`".to_owned());
                }
                Distribution::Uniform { min_us, max_us }
            }
            "normal" => {
                Distribution::Normal { mean_us: given.delay("mean")?, sd_us: given.delay("sd")? }
            }
            "lognormal" => {
                let median_us = above_zero("median", given.delay("median")?)?;
                let sigma = match given.take("p99") {
                    Some(p99) => sigma(median_us, delay(p99)?)?,
                    None => given.number("sigma", 10.0)?,
                };
                Distribution::LogNormal { median_us, sigma }
            }
            "exponential" => {
                Distribution::Exponential { mean_us: above_zero("mean", given.delay("mean")?)? }
            }
            "pareto" => Distribution::Pareto {
                scale_us: above_zero("scale", given.delay("scale")?)?,
                shape: given.number("shape", 100.0)?,
            },
            _ => return Err(format!("`{name}` is no distribution")),
        };
        given.end()?;
        Ok(read)
    }
}

/// To six digits, so that it is written as it is kept.
fn sigma(median_us: u64, p99_us: u64) -> Result<f64, String> {
    if p99_us <= median_us {
        return Err("`p99` must be above `median`".to_owned());
    }
    let sigma = log(p99_us as f64 / median_us as f64) / Z_99;
    Ok((round(sigma * 1e6) / 1e6).max(1e-6))
}

impl fmt::Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = duration::format;
        match self {
            Distribution::None => f.write_str("none"),
            Distribution::Fixed { delay_us } => write!(f, "fixed:{}", time(*delay_us)),
            Distribution::Uniform { min_us, max_us } => {
                write!(f, "uniform:min={},max={}", time(*min_us), time(*max_us))
            }
            Distribution::Normal { mean_us, sd_us } => {
                write!(f, "normal:mean={},sd={}", time(*mean_us), time(*sd_us))
            }
            Distribution::LogNormal { median_us, sigma } => {
                write!(f, "lognormal:median={},sigma={sigma}", time(*median_us))
            }
            Distribution::Exponential { mean_us } => {
                write!(f, "exponential:mean={}", time(*mean_us))
            }
            Distribution::Pareto { scale_us, shape } => {
                write!(f, "pareto:scale={},shape={shape}", time(*scale_us))
            }
            Distribution::Trace { delays_us } => {
                let delays: Vec<String> = delays_us.iter().map(|delay| time(*delay)).collect();
                write!(f, "trace:{}", delays.join(","))
            }
        }
    }
}

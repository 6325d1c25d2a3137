//! Lag plans: by how much visibility is delayed on purpose.

use std::fmt;
use std::str::FromStr;

/// The longest delay a plan may ask for: one hour, in microseconds.
pub const MAX_DELAY_US: u64 = 3_600_000_000;

/// How long after it is received a revision becomes visible.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Plan {
    /// At once.
    #[default]
    None,
    /// After a delay that is always the same, microseconds.
    Fixed {
        /// The delay.
        delay_us: u64,
    },
}

/// A plan that cannot be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlanError(String);

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no lag plan: write `none` or `fixed=<milliseconds>` (at most one hour)",
            self.0
        )
    }
}

impl std::error::Error for PlanError {}

impl Plan {
    /// The delay of the next revision, microseconds.
    pub fn delay_us(self) -> u64 {
        match self {
            Plan::None => 0,
            Plan::Fixed { delay_us } => delay_us,
        }
    }
}

/// `none`, or `fixed=400` for 400 milliseconds.
impl FromStr for Plan {
    type Err = PlanError;

    fn from_str(text: &str) -> Result<Self, PlanError> {
        let error = || PlanError(text.to_owned());
        if text == "none" {
            return Ok(Plan::None);
        }
        let delay_ms = text.strip_prefix("fixed=").ok_or_else(error)?;
        let delay_ms: u64 = delay_ms.parse().map_err(|_| error())?;
        let delay_us = delay_ms.checked_mul(1000).filter(|delay| *delay <= MAX_DELAY_US);
        Ok(Plan::Fixed { delay_us: delay_us.ok_or_else(error)? })
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Plan::None => f.write_str("none"),
            Plan::Fixed { delay_us } => write!(f, "fixed={}", delay_us / 1000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_are_read_and_written() {
        for text in ["none", "fixed=400", "fixed=0"] {
            assert_eq!(text.parse::<Plan>().map(|plan| plan.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "fixed", "fixed=", "fixed=x", "fixed=-1", "fixed=3600001", "normal=3"] {
            assert!(text.parse::<Plan>().is_err(), "{text}");
        }
    }
}

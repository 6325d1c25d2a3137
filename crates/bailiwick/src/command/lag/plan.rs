//! A plan as flags: `--plan aws-typical`, or `--distribution lognormal --median 4s --sigma 0.5`.

use clap::{Args, ValueEnum};
use lag::{Plan, PlanError};

/// The plan.
#[derive(Args, Clone, Default, Debug)]
pub(super) struct PlanArgs {
    /// The whole plan as settings have it: `aws-typical`, `aws-bad-day`, `none`, `fixed:400ms`,
    /// `identity=fixed:1s;policy=fixed:4s;seed=7`
    #[arg(
        long,
        value_name = "PLAN",
        conflicts_with = "distribution",
        required_unless_present = "distribution"
    )]
    plan: Option<String>,
    /// The law of the delays of whole revisions
    #[arg(long, value_enum)]
    distribution: Option<Name>,
    /// fixed: the delay
    #[arg(long, value_name = "TIME", requires = "distribution")]
    delay: Option<String>,
    /// uniform: the shortest delay
    #[arg(long, value_name = "TIME", requires = "distribution")]
    min: Option<String>,
    /// uniform: the longest delay
    #[arg(long, value_name = "TIME", requires = "distribution")]
    max: Option<String>,
    /// normal, exponential: the mean
    #[arg(long, value_name = "TIME", requires = "distribution")]
    mean: Option<String>,
    /// normal: the standard deviation
    #[arg(long, value_name = "TIME", requires = "distribution")]
    sd: Option<String>,
    /// lognormal: the median
    #[arg(long, value_name = "TIME", requires = "distribution")]
    median: Option<String>,
    /// lognormal: standard deviation of the delay's natural logarithm
    #[arg(long, value_name = "NUMBER", requires = "distribution")]
    sigma: Option<String>,
    /// lognormal: the 99th percentile, instead of sigma
    #[arg(long, value_name = "TIME", requires = "distribution")]
    p99: Option<String>,
    /// pareto: the shortest delay
    #[arg(long, value_name = "TIME", requires = "distribution")]
    scale: Option<String>,
    /// pareto: the smaller, the heavier the tail
    #[arg(long, value_name = "NUMBER", requires = "distribution")]
    shape: Option<String>,
    /// trace: the delays, one after the other: 1s,4s,2s
    #[arg(long, value_name = "TIMES", requires = "distribution")]
    delays: Option<String>,
    /// The same seed gives the same delays
    #[arg(long, value_name = "NUMBER", requires = "distribution")]
    seed: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
enum Name {
    None,
    Fixed,
    Uniform,
    Normal,
    Lognormal,
    Exponential,
    Pareto,
    Trace,
}

impl PlanArgs {
    /// The plan that the flags say.
    pub(super) fn plan(&self) -> Result<Plan, String> {
        self.text()?.parse().map_err(|error: PlanError| error.to_string())
    }

    /// Its text: flags and settings are read by one and the same reader.
    fn text(&self) -> Result<String, String> {
        let Some(distribution) = self.distribution else {
            return Ok(self.plan.clone().unwrap_or_default());
        };
        let named = [
            ("min", &self.min),
            ("max", &self.max),
            ("mean", &self.mean),
            ("sd", &self.sd),
            ("median", &self.median),
            ("sigma", &self.sigma),
            ("p99", &self.p99),
            ("scale", &self.scale),
            ("shape", &self.shape),
        ];
        let named = named.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        let mut given: Vec<String> = named.map(|(name, value)| format!("{name}={value}")).collect();
        let alone = match distribution {
            Name::Fixed => Some(("delay", &self.delay)),
            Name::Trace => Some(("delays", &self.delays)),
            _ => None,
        };
        for (flag, value) in [("delay", &self.delay), ("delays", &self.delays)] {
            match (alone, value) {
                (Some((wanted, _)), Some(value)) if wanted == flag => {
                    given.insert(0, value.clone())
                }
                (Some((wanted, _)), None) if wanted == flag => {
                    return Err(format!("--{flag} is missing"));
                }
                (_, Some(_)) => return Err(format!("--{flag} has no place here")),
                _ => {}
            }
        }
        let name = distribution.to_possible_value().map(|value| value.get_name().to_owned());
        let name = name.unwrap_or_default();
        let law = if given.is_empty() { name } else { format!("{name}:{}", given.join(",")) };
        Ok(self.seed.map_or(law.clone(), |seed| format!("{law};seed={seed}")))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Typed {
        #[command(flatten)]
        plan: PlanArgs,
    }

    fn plan(flags: &str) -> Result<String, String> {
        let typed = Typed::try_parse_from(["set"].into_iter().chain(flags.split_whitespace()));
        let typed = typed.map_err(|error| error.to_string())?;
        typed.plan.plan().map(|plan| plan.to_string())
    }

    #[test]
    fn flags_say_what_settings_say() {
        for (flags, text) in [
            ("--plan aws-typical", "lognormal:median=4s,sigma=0.35"),
            (
                "--plan policy=fixed:4s;seed=2",
                "account=none;credential=none;identity=none;policy=fixed:4s;seed=2",
            ),
            ("--distribution none", "none"),
            ("--distribution fixed --delay 400ms", "fixed:400ms"),
            ("--distribution trace --delays 1s,2s --seed 3", "trace:1s,2s;seed=3"),
            ("--distribution lognormal --median 4s --sigma 0.5", "lognormal:median=4s,sigma=0.5"),
            ("--distribution pareto --scale 1s --shape 2", "pareto:scale=1s,shape=2"),
        ] {
            assert_eq!(plan(flags), Ok(text.to_owned()), "{flags}");
        }
    }

    #[test]
    fn flags_that_do_not_fit_are_told() {
        for (flags, why) in [
            ("", "--plan"),
            ("--median 4s", "--distribution"),
            ("--plan none --distribution none", "cannot be used with"),
            ("--distribution lognormal --median 4s", "`sigma` is missing"),
            ("--distribution fixed", "--delay is missing"),
            ("--distribution fixed --delay 1s --median 4s", "no duration"),
            ("--distribution exponential --mean 4s --delay 1s", "--delay has no place here"),
            ("--distribution none --mean 4s", "`none` is no distribution"),
        ] {
            let error = plan(flags).unwrap_err();
            assert!(error.contains(why), "{flags}: {error}");
        }
    }
}

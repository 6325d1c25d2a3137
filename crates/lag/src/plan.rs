//! Lag plans: by how much visibility is delayed on purpose.

use std::fmt;
use std::str::FromStr;

use crate::{Class, Distribution};

/// How long after it is received a revision becomes visible.
///
/// As text: a distribution, `lognormal:median=4s,sigma=0.5`; one for each class,
/// `identity=fixed:1s;policy=fixed:4s`; or a preset, `aws-typical`. `;seed=7` may follow.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Plan {
    /// What each delay is drawn for.
    pub scope: Scope,
    /// The same seed gives the same delays, in the order in which revisions are received.
    pub seed: u64,
}

/// What delays are drawn for.
#[derive(Clone, PartialEq, Debug)]
pub enum Scope {
    /// Each revision as a whole: what is seen is always a prefix of history.
    Whole(Distribution),
    /// The changes of each class by themselves, in the order of [`Class::ALL`]: what is seen is a prefix for each
    /// class.
    Classes([Distribution; Class::ALL.len()]),
}

impl Default for Scope {
    fn default() -> Self {
        Scope::Whole(Distribution::None)
    }
}

/// A plan that cannot be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlanError {
    text: String,
    why: String,
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PlanError { text, why } = self;
        write!(f, "`{text}` is no lag plan: {why}; {FORMS}")
    }
}

impl std::error::Error for PlanError {}

/// Names the accepted forms, wherever another was found.
const FORMS: &str = "write none, fixed:400ms, uniform:min=1s,max=3s, normal:mean=4s,sd=1s, \
    lognormal:median=4s,sigma=0.5 (or p99=20s), exponential:mean=4s, pareto:scale=1s,shape=1.5, trace:1s,4s,2s, \
    aws-typical or aws-bad-day; or one for each class (account, credential, identity, policy), \
    such as `identity=fixed:1s;policy=fixed:4s`; and `;seed=7` after it if you like";

/// Plans with a name. They model what people see of AWS; they are not measurements.
const PRESETS: [(&str, Distribution); 2] = [
    // Seconds, nearly always below ten.
    ("aws-typical", Distribution::LogNormal { median_us: 4_000_000, sigma: 0.35 }),
    // Minutes, and one in a hundred the better part of an hour.
    ("aws-bad-day", Distribution::Pareto { scale_us: 60_000_000, shape: 1.2 }),
];

impl Plan {
    /// A plan for the whole replica, with seed 0.
    pub fn whole(law: Distribution) -> Self {
        Plan { scope: Scope::Whole(law), seed: 0 }
    }

    /// Always the same delay, microseconds.
    pub fn fixed(delay_us: u64) -> Self {
        Plan::whole(Distribution::Fixed { delay_us })
    }

    /// Whether nothing is delayed.
    pub fn is_none(&self) -> bool {
        Class::ALL.into_iter().all(|class| *self.law(class) == Distribution::None)
    }

    /// Whether each class has its own law.
    pub fn is_by_class(&self) -> bool {
        matches!(self.scope, Scope::Classes(_))
    }

    /// The law of a class's delays.
    pub fn law(&self, class: Class) -> &Distribution {
        match &self.scope {
            Scope::Whole(law) => law,
            Scope::Classes(laws) => &laws[class as usize],
        }
    }
}

impl FromStr for Plan {
    type Err = PlanError;

    fn from_str(text: &str) -> Result<Self, PlanError> {
        read(text).map_err(|why| PlanError { text: text.to_owned(), why })
    }
}

fn read(text: &str) -> Result<Plan, String> {
    let mut whole = None;
    let mut classes: [Option<Distribution>; Class::ALL.len()] = Default::default();
    let mut seed = None;
    for part in text.split(';').map(str::trim) {
        // `identity=fixed:1s` names a class before the law's own colon; `uniform:min=…` does not.
        let named = part.split_once('=').filter(|(name, _)| !name.contains(':'));
        let Some((name, value)) = named else {
            let preset = PRESETS.iter().find(|(name, _)| *name == part);
            let law = preset.map_or_else(|| part.parse(), |(_, law)| Ok(law.clone()))?;
            if whole.replace(law).is_some() {
                return Err("it has two distributions for the whole replica".to_owned());
            }
            continue;
        };
        let twice = match (name, name.parse::<Class>()) {
            ("seed", _) => {
                let number = value.parse().map_err(|_| format!("`seed={value}` is no number"))?;
                seed.replace(number).is_some()
            }
            (_, Ok(class)) => classes[class as usize].replace(value.parse()?).is_some(),
            ("session", Err(())) => {
                return Err("sessions live in their tokens, and are honoured when the revision \
                            they were issued from is visible: delay the other classes"
                    .to_owned());
            }
            (_, Err(())) => return Err(format!("`{name}` is no class")),
        };
        if twice {
            return Err(format!("`{name}` is given twice"));
        }
    }
    let by_class = classes.iter().any(Option::is_some);
    let scope = match whole {
        Some(_) if by_class => {
            return Err(
                "it has a distribution for the whole replica and others for classes".to_owned()
            );
        }
        Some(law) => Scope::Whole(law),
        None if by_class => Scope::Classes(classes.map(Option::unwrap_or_default)),
        None => return Err("it has no distribution".to_owned()),
    };
    Ok(Plan { scope, seed: seed.unwrap_or_default() })
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.scope {
            Scope::Whole(law) => law.fmt(f)?,
            Scope::Classes(laws) => {
                let laws = Class::ALL.into_iter().zip(laws);
                let laws: Vec<String> = laws.map(|(class, law)| format!("{class}={law}")).collect();
                f.write_str(&laws.join(";"))?;
            }
        }
        if self.seed != 0 {
            write!(f, ";seed={}", self.seed)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_are_read_and_written() {
        for text in [
            "none",
            "fixed:400ms",
            "fixed:0s",
            "uniform:min=1s,max=3s",
            "normal:mean=4s,sd=1s",
            "lognormal:median=4s,sigma=0.5",
            "exponential:mean=4s;seed=18446744073709551615",
            "pareto:scale=1m,shape=1.5;seed=7",
            "trace:1s,4s,2500ms",
            "account=none;credential=none;identity=fixed:1s;policy=pareto:scale=1s,shape=2;seed=3",
        ] {
            assert_eq!(text.parse::<Plan>().map(|plan| plan.to_string()), Ok(text.to_owned()));
        }
        let typical: Plan = "aws-typical".parse().unwrap();
        assert_eq!(typical.to_string(), "lognormal:median=4s,sigma=0.35");
        let part: Plan = "policy=fixed:4s; seed=9".parse().unwrap();
        assert_eq!((part.law(Class::Identity), part.seed), (&Distribution::None, 9));
        assert!(!part.is_none() && part.is_by_class());
        assert!("identity=none".parse::<Plan>().unwrap().is_none());
    }

    #[test]
    fn what_is_no_plan_is_told_why() {
        for (text, why) in [
            ("", "no distribution"),
            ("seed=3", "no distribution"),
            ("fixed", "`fixed` is no distribution"),
            ("fixed=400", "`fixed` is no class"),
            ("fixed:", "no duration"),
            ("fixed:400", "no duration"),
            ("fixed:61m", "longer than an hour"),
            ("gamma:mean=4s", "`gamma` is no distribution"),
            ("uniform:min=3s,max=1s", "`min` is above `max`"),
            ("uniform:min=3s", "`max` is missing"),
            ("normal:mean=3s,sd=1s,min=1s", "`min` has no place here"),
            ("lognormal:median=4s,sigma=0", "above 0"),
            ("lognormal:median=4s,sigma=NaN", "above 0"),
            ("lognormal:median=0s,sigma=1", "`median` must be above 0"),
            ("lognormal:median=4s,p99=4s", "`p99` must be above `median`"),
            ("lognormal:median=4s,p99=9s,sigma=1", "`sigma` has no place here"),
            ("pareto:scale=1s,shape=-1", "above 0"),
            ("trace:1s,,2s", "no duration"),
            ("fixed:1s;fixed:2s", "two distributions"),
            ("fixed:1s;policy=none", "others for classes"),
            ("policy=none;policy=none", "given twice"),
            ("session=fixed:1s", "sessions live in their tokens"),
            ("fixed:1s;seed=x", "`seed=x` is no number"),
        ] {
            let error = text.parse::<Plan>().unwrap_err().to_string();
            assert!(error.contains(why) && error.contains("aws-typical"), "{text}: {error}");
        }
    }
}

//! Conditions by definition.

use super::glob::{expand, matches_text, segments};
use serde_json::Value;
use std::cmp::Ordering;
use std::net::{Ipv4Addr, Ipv6Addr};

pub struct Asked<'a> {
    pub context: &'a [(String, Value)],
    pub has_variables: bool,
}

/// Whether every key under every operator holds.
pub fn all_hold(condition: &Value, asked: &Asked<'_>) -> bool {
    let operators = condition.as_object().into_iter().flatten();
    operators
        .flat_map(|(operator, keys)| {
            keys.as_object().into_iter().flatten().map(move |k| (operator, k))
        })
        .all(|(operator, (key, values))| holds(operator, key, &texts(values), asked))
}

pub fn texts(values: &Value) -> Vec<String> {
    match values {
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    }
}

fn holds(operator: &str, key: &str, wanted: &[String], asked: &Asked<'_>) -> bool {
    let operator = operator.to_lowercase();
    let (set, rest) = operator.split_once(':').unwrap_or(("", &operator));
    let (base, if_exists) =
        rest.strip_suffix("ifexists").map_or((rest, false), |base| (base, true));
    let found = asked.context.iter().find(|(known, _)| *known == key.to_lowercase());
    let got = found.map(|(_, value)| value);
    if base == "null" {
        let is_absent = got.is_none();
        return match set {
            "forallvalues" => true,
            "foranyvalue" => false,
            _ => wanted.iter().any(|w| w.eq_ignore_ascii_case(&is_absent.to_string())),
        };
    }
    let list = got.map(texts).unwrap_or_default();
    let is_negated = base.contains("not");
    if wanted.is_empty() {
        return if set == "forallvalues" { list.is_empty() } else { if_exists && got.is_none() };
    }
    if got.is_none() {
        return match set {
            "forallvalues" => true,
            "foranyvalue" => if_exists,
            _ => if_exists || is_negated,
        };
    }
    let base = base.replace("not", "");
    let fits = |value: &String| {
        let verdicts = wanted.iter().map(|wanted| compare(&base, wanted, value, asked));
        let verdicts: Vec<Option<bool>> = verdicts.collect();
        // A value that cannot be read is false for every operator.
        match is_negated {
            true => verdicts.iter().all(|verdict| *verdict == Some(false)),
            false => verdicts.contains(&Some(true)),
        }
    };
    match (set, got) {
        ("forallvalues", _) => list.iter().all(fits),
        ("foranyvalue", _) => list.iter().any(fits),
        (_, Some(Value::Array(_))) => false,
        _ => fits(&list[0]),
    }
}

/// `None`: one of the two is no value of the type.
fn compare(base: &str, wanted: &str, value: &str, asked: &Asked<'_>) -> Option<bool> {
    let expanded =
        |has_wildcards| expand(wanted, asked.has_variables, has_wildcards, asked.context);
    match base {
        "stringequals" => Some(expanded(false).is_some_and(|p| matches_text(&p, value))),
        "stringequalsignorecase" => {
            let letters = expanded(false).map(|p| p.iter().map(|t| format!("{t:?}")).collect());
            let lower = |text: String| text.to_lowercase();
            let own: String =
                super::glob::literal(value).iter().map(|t| format!("{t:?}")).collect();
            Some(letters.map(lower) == Some(lower(own)))
        }
        "stringlike" => Some(expanded(true).is_some_and(|p| matches_text(&p, value))),
        "arnequals" | "arnlike" => {
            let own: Vec<&str> = value.splitn(6, ':').collect();
            if own.len() < 6 {
                return None;
            }
            let Some(pattern) = expanded(true) else { return Some(false) };
            let pattern = segments(&pattern)?;
            Some(pattern.iter().zip(own).all(|(segment, own)| matches_text(segment, own)))
        }
        "bool" => Some(boolean(wanted)? == boolean(value)?),
        "binaryequals" => Some(bits(wanted)? == bits(value)?),
        "ipaddress" => in_network(wanted, value),
        _ => {
            let (read, order): (fn(&str) -> Option<i128>, _) = match base.strip_prefix("numeric") {
                Some(order) => (number, order),
                None => (instant, base.strip_prefix("date")?),
            };
            let ordering = read(value)?.cmp(&read(wanted)?);
            Some(match order {
                "equals" => ordering == Ordering::Equal,
                "lessthan" => ordering == Ordering::Less,
                "lessthanequals" => ordering != Ordering::Greater,
                "greaterthan" => ordering == Ordering::Greater,
                "greaterthanequals" => ordering != Ordering::Less,
                other => panic!("{other} is generated"),
            })
        }
    }
}

fn boolean(text: &str) -> Option<bool> {
    text.to_lowercase().parse().ok()
}

/// In billionths.
fn number(text: &str) -> Option<i128> {
    let (sign, unsigned) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    if fraction.is_empty() || fraction.len() > 9 || whole.is_empty() {
        return None;
    }
    let digits = format!("{whole}{fraction:0<9}");
    let is_number = digits.chars().all(|digit| digit.is_ascii_digit());
    is_number.then(|| digits.parse::<i128>().expect("digits") * sign)
}

/// In seconds: `2021-01-13T03:33:37Z`, with an offset instead of the `Z`, a day, or seconds since 1970.
fn instant(text: &str) -> Option<i128> {
    if text.chars().all(|digit| digit.is_ascii_digit()) {
        return text.parse().ok();
    }
    let midnight = format!("{text}T00:00:00Z");
    let text = if text.len() == 10 { &midnight } else { text };
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i128>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let is_leap = |year: i128| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let mut days: i128 = (1970..year).map(|year| 365 + i128::from(is_leap(year))).sum();
    let february = 28 + i128::from(is_leap(year));
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    days += months.iter().take(usize::try_from(month - 1).ok()?).sum::<i128>() + day - 1;
    let offset_minutes = match text.get(19..20)? {
        "Z" => 0,
        "+" => number(20, 22)? * 60 + number(23, 25)?,
        _ => -(number(20, 22)? * 60 + number(23, 25)?),
    };
    Some(((days * 24 + hour) * 60 + minute - offset_minutes) * 60 + second)
}

fn bits(text: &str) -> Option<String> {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let body = text.trim_end_matches('=');
    if !text.len().is_multiple_of(4) {
        return None;
    }
    body.chars().map(|letter| Some(format!("{:06b}", alphabet.find(letter)?))).collect()
}

fn in_network(network: &str, address: &str) -> Option<bool> {
    let bits_of = |text: &str| -> Option<String> {
        let four = text.parse::<Ipv4Addr>().map(|address| format!("{:032b}", address.to_bits()));
        four.ok().or_else(|| {
            text.parse::<Ipv6Addr>().map(|address| format!("{:0128b}", address.to_bits())).ok()
        })
    };
    let address = bits_of(address)?;
    let (written, prefix) = network.split_once('/').unwrap_or((network, ""));
    let written = bits_of(written)?;
    let prefix = if prefix.is_empty() { written.len() } else { prefix.parse().ok()? };
    if prefix > written.len() {
        return None;
    }
    Some(written.len() == address.len() && written[..prefix] == address[..prefix])
}

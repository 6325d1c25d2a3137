//! Condition values: those that no comparison could read are refused, since in a Deny they would
//! open a hole (rule A-9).

use crate::{Version, condition::value_fault, document::ConditionBlock, json::Text};

/// The first value at fault, and what is wrong with it.
pub(super) fn fault<'a>(
    blocks: &'a [ConditionBlock<'a>],
    version: Version,
) -> Option<(&'a Text<'a>, &'static str)> {
    blocks.iter().find_map(|block| {
        block.values.iter().find_map(|text| {
            let what = value_fault(block.operator.family, &text.value, version)?;
            Some((text, what))
        })
    })
}

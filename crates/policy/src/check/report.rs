//! Findings as they come up, and the work that may still be spent on finding more.

use super::{Finding, Issue, locate::Places};
use crate::Span;
use alloc::{string::String, vec::Vec};

/// Findings kept; of errors twice as many, so that no advice hides them.
const MOST: usize = 4_000;

/// Comparisons of two values that a document may cost.
const COMPARISONS: usize = 400_000;

/// The findings so far.
#[derive(Debug)]
pub(super) struct Report {
    found: Vec<Found>,
    comparisons: usize,
}

#[derive(Debug)]
struct Found {
    issue: Issue,
    spans: Vec<Span>,
    details: String,
}

impl Default for Report {
    fn default() -> Self {
        Self { found: Vec::new(), comparisons: COMPARISONS }
    }
}

impl Report {
    /// Adds a finding about one or more places.
    pub(super) fn add(
        &mut self,
        issue: Issue,
        spans: impl IntoIterator<Item = Span>,
        details: impl Into<String>,
    ) {
        let is_error = issue.finding_type == super::FindingType::Error;
        let most = if is_error { 2 * MOST } else { MOST };
        if self.found.len() < most {
            let spans = spans.into_iter().take(MOST).collect();
            self.found.push(Found { issue, spans, details: details.into() });
        }
    }

    /// Takes so many comparisons from the budget; `false` when it has not that many left.
    pub(super) fn may_compare(&mut self, count: usize) -> bool {
        let left = self.comparisons.checked_sub(count);
        self.comparisons = left.unwrap_or(self.comparisons);
        left.is_some()
    }

    /// The findings in the order of their first places.
    pub(super) fn finish(mut self, places: &Places<'_>) -> Vec<Finding> {
        self.found.sort_by_key(|found| found.spans.first().map_or(0, |span| span.start));
        let finding = |found: Found| Finding {
            issue: found.issue,
            details: found.details,
            locations: found.spans.into_iter().map(|span| places.location(span)).collect(),
        };
        self.found.into_iter().map(finding).collect()
    }
}

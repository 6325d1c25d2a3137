//! ChangeTerms: changes the terms on which nodes decide.

use model::Terms;
use schema::Fault;
use schema::internal::v1::{ChangeTermsRequest, ChangeTermsResponse};

use crate::{Access, Operation, Txn, View, Write, faults};

impl Operation for ChangeTermsRequest {
    type Response = ChangeTermsResponse;

    fn access(&self, _view: &View<'_>) -> Vec<Access> {
        Vec::new()
    }
}

impl Write for ChangeTermsRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<ChangeTermsResponse, Fault> {
        let cell = txn.state().cell().ok_or_else(|| faults::validation("There is no cell yet."))?;
        super::check_terms(self.max_staleness_ms, self.clock_drift_ppm)?;
        let mut changed = cell.clone();
        changed.max_staleness_ms = self.max_staleness_ms.unwrap_or(cell.max_staleness_ms);
        changed.clock_drift_ppm = self.clock_drift_ppm.unwrap_or(cell.clock_drift_ppm);
        let terms = Terms::of_cell(&changed);
        if terms == Terms::of_cell(cell) {
            return Ok(ChangeTermsResponse {});
        }
        // INVARIANT: no shorter than the terms of any view before this entry that some node may decide by.
        let counted = Terms::counted_of_cell(cell).longest(terms);
        changed.counted = (counted != terms).then(|| counted.to_record());
        changed.terms_revision = txn.revision();
        txn.put(changed);
        Ok(ChangeTermsResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::internal::v1::SettleTermsRequest;

    use super::*;
    use crate::testing::{Cell, assert_fault, system};

    /// Milliseconds decided on and counted on after a change to so many.
    fn change(cell: &mut Cell, ms: u64) -> (u64, u64) {
        let request = ChangeTermsRequest { max_staleness_ms: Some(ms), clock_drift_ppm: None };
        cell.write_as(&system(), request).unwrap();
        terms(cell)
    }

    fn terms(cell: &Cell) -> (u64, u64) {
        let (of, counted) = (Terms::of(&cell.state), Terms::counted(&cell.state));
        (of.max_staleness_us / 1_000, counted.max_staleness_us / 1_000)
    }

    fn settle(cell: &mut Cell, revision: u64) -> (u64, u64) {
        cell.write_as(&system(), SettleTermsRequest { revision }).unwrap();
        terms(cell)
    }

    #[test]
    fn leaders_count_on_the_longest_terms_until_they_are_settled() {
        let mut cell = Cell::new();
        assert_eq!(terms(&cell), (5_000, 5_000));
        assert_eq!(change(&mut cell, 9_000), (9_000, 9_000), "a raise counts at once");
        assert_eq!(change(&mut cell, 2_000), (2_000, 9_000));
        assert_eq!(change(&mut cell, 4_000), (4_000, 9_000));
        let revision = cell.state.revision();
        assert_eq!(change(&mut cell, 4_000), (4_000, 9_000), "nothing changed");
        assert_eq!(settle(&mut cell, revision - 1), (4_000, 9_000), "of an earlier change");
        assert_eq!(settle(&mut cell, revision), (4_000, 4_000));
        assert_eq!(settle(&mut cell, revision), (4_000, 4_000), "once more");
    }

    #[test]
    fn drift_counts_by_itself() {
        let mut cell = Cell::new();
        let request =
            ChangeTermsRequest { max_staleness_ms: Some(9_000), clock_drift_ppm: Some(100) };
        cell.write_as(&system(), request).unwrap();
        let counted = Terms { max_staleness_us: 9_000_000, drift_ppm: 500 };
        assert_eq!(Terms::counted(&cell.state), counted);
        assert_eq!(Terms::of(&cell.state), Terms { drift_ppm: 100, ..counted });
    }

    #[test]
    fn terms_have_bounds_and_only_the_cell_changes_them() {
        let mut cell = Cell::new();
        let request = |ms, ppm| ChangeTermsRequest { max_staleness_ms: ms, clock_drift_ppm: ppm };
        for (wrong, message) in [
            (request(Some(99), None), "max_staleness_ms must be 100 to 3600000."),
            (request(None, Some(100_001)), "clock_drift_ppm must be at most 100000."),
        ] {
            assert_fault(cell.write_as(&system(), wrong), "ValidationError", message);
        }
        let by_operator = cell.write_as(&Cell::operator(), request(Some(100), None));
        assert_fault(by_operator, "AccessDenied", "Only the operator's credential may do this.");
    }
}

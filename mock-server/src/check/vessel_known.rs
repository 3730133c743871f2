//! A vessel that is not the partner's, or that the person does not serve on, is 404 (D). Policy `compliance_vessel`
//! chooses one where none is named (D).

use super::established::{Assignment, CrewMember, Vessels};
use super::walk::{Check, Request};
use crate::clause::{self, Clause};
use crate::error::{self, Mistake, Refusal};
use crate::explain::{Advice, Situation};
use crate::input::ComplianceInput;
use crate::policy::ComplianceVessel;

/// The check of the vessel of a compliance check.
pub(super) struct VesselKnown;

impl Check<'_> for VesselKnown {
    type Input = CrewMember;
    type Output = Assignment;
    const CLAUSE: &'static Clause = clause::VESSEL_KNOWN;

    fn check(request: &mut Request<'_, '_>, crew: CrewMember) -> Result<Assignment, Refusal> {
        let state = &*request.state;
        let input = ComplianceInput::read(request.context, &state.policies).map_err(Refusal::invalid)?;
        let partner = &state.partners[crew.authorized.caller.partner].id;
        let own = Vessels::All.positions(state, state.crew(crew.position), partner);
        let vessels = match (input.vessel, state.policies.compliance_vessel) {
            (Some(id), _) => {
                let named = own.into_iter().find(|at| *state.world().vessels[*at].id == *id);
                Vessels::One(named.ok_or_else(|| Refusal::new(clause::VESSEL_KNOWN, error::NOT_FOUND))?)
            }
            (None, ComplianceVessel::Unprocessable) if own.len() > 1 => {
                let mistake = Mistake::in_query("vessel_id", "missing", "Field required", "");
                return Err(Refusal { clause: clause::VESSEL_KNOWN, ..Refusal::invalid(vec![mistake]) });
            }
            (None, ComplianceVessel::Worst) => Vessels::All,
            (None, _) => own.first().map_or(Vessels::All, |at| Vessels::One(*at)),
        };
        Ok(Assignment { crew, vessels })
    }

    fn advice(situation: &Situation<'_>, crew: CrewMember, _: &Refusal) -> Advice {
        situation.vessel(crew)
    }
}

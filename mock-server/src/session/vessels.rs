//! Changes of vessels at run time: what people read of them. Who manages a vessel stays as the world has it.

use serde::Deserialize;

use super::held::{ChangedPart, json_len};
use super::people::Edit;
use super::state::SessionState;
use crate::present::present;
use crate::world::{Text, Vessel, is_imo_number};

/// A change of a vessel. What is left out stays.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VesselChange {
    #[serde(default, deserialize_with = "present")]
    name: Option<Box<str>>,
    #[serde(default)]
    flag: Edit<Text>,
    #[serde(default, rename = "type")]
    kind: Edit<Text>,
    #[serde(default)]
    imo: Edit<Text>,
}

/// The error of a change of a vessel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum VesselError {
    /// There is no such vessel.
    #[error("there is no vessel `{0}` in this world")]
    Unknown(String),
    /// Nothing is changed.
    #[error("name a change: name, flag, type or imo")]
    Nothing,
    /// The number is none.
    #[error("`{0}` is not an IMO number: write seven digits, such as \"9074729\"")]
    Imo(String),
}

impl VesselChange {
    fn check(&self) -> Result<(), VesselError> {
        let Self { name, flag, kind, imo } = self;
        if name.is_none() && flag.is_keep() && kind.is_keep() && imo.is_keep() {
            return Err(VesselError::Nothing);
        }
        match imo {
            Edit::Set(Some(imo)) if !is_imo_number(imo) => Err(VesselError::Imo(imo.to_string())),
            _ => Ok(()),
        }
    }
}

impl SessionState {
    /// Returns the vessel at a position, in the present state.
    pub(crate) fn vessel(&self, position: usize) -> &Vessel {
        let changed = u32::try_from(position).ok().and_then(|position| self.modified_vessels.get(&position));
        changed.unwrap_or_else(|| &self.world().vessels[position])
    }

    /// Returns all vessels, in the present state.
    pub(crate) fn vessels(&self) -> impl Iterator<Item = &Vessel> {
        (0..self.world().vessels.len()).map(|position| self.vessel(position))
    }

    /// Changes a vessel, and returns it.
    pub(crate) fn change_vessel(&mut self, id: &str, change: VesselChange) -> Result<&Vessel, VesselError> {
        let position = self.world().vessel_position(id).ok_or_else(|| VesselError::Unknown(id.to_owned()))?;
        change.check()?;
        let mut vessel = self.vessel(position).clone();
        let VesselChange { name, flag, kind, imo } = change;
        vessel.name = name.unwrap_or(vessel.name);
        flag.apply(&mut vessel.flag);
        kind.apply(&mut vessel.kind);
        imo.apply(&mut vessel.imo);
        // A page of the fleet shows the name.
        self.change_count += 1;
        self.crew_version += 1;
        let slot = u32::try_from(position).unwrap_or(u32::MAX);
        self.set_charge(ChangedPart::Vessel(slot), json_len(&vessel));
        self.modified_vessels.insert(slot, vessel);
        Ok(self.vessel(position))
    }
}

//! Advice for the checks of what a request says in its query or body.

use super::advice::{Advice, NAMES_AT_MOST, Remedy, Situation};
use super::words::{list, shown};
use crate::check::{Caller, CrewMember};
use crate::error::{Extra, Refusal};

impl Situation<'_> {
    /// Advises on mistakes in a query or body.
    pub(crate) fn invalid_input(refusal: &Refusal) -> Advice {
        let Extra::Mistakes(mistakes) = &refusal.extra else {
            return Advice::new("The request has a mistake.", None::<Remedy>);
        };
        let named = mistakes.iter().take(NAMES_AT_MOST).map(|mistake| shown(&mistake.describe()));
        let more = if mistakes.len() > NAMES_AT_MOST { " Among other mistakes:" } else { "" };
        let why =
            format!("The request has {} mistakes.{more}", mistakes.len()).replace("has 1 mistakes", "has a mistake");
        Advice::new(why, named)
    }

    /// Advises on a body over the limit.
    pub(crate) fn large_body() -> Advice {
        Advice::new("The body has more than 64 KiB.", ["send a smaller one".to_owned()])
    }

    /// Advises on an address of nobody on the fleet.
    pub(crate) fn address(&self, caller: Caller) -> Advice {
        let partner = &*self.partner(caller).id;
        let with_address = self.everybody().filter(|person| {
            let has_address = person.details.as_ref().is_some_and(|details| details.email.is_some());
            has_address && person.on_fleet_of(self.state.world(), partner)
        });
        let names: Vec<&str> = with_address.take(NAMES_AT_MOST).map(|person| &*person.id).collect();
        let known = list(names.iter().copied(), "nobody");
        let why = format!("Nobody on the fleet of {partner} has that e-mail address.");
        Advice::new(why, [format!("with an address and on the fleet of {partner}: {known}")])
    }

    /// Advises on a vessel of a compliance check.
    pub(crate) fn vessel(&self, crew: CrewMember) -> Advice {
        let partner = &*self.partner(crew.authorized.caller).id;
        let (world, person) = (self.state.world(), self.state.crew(crew.position));
        let own = person.vessels.iter().filter_map(|id| world.vessel(id));
        let own = own.filter(|vessel| vessel.partners.iter().any(|id| id.as_str() == partner));
        let names: Vec<&str> = own.map(|vessel| &*vessel.id).collect();
        let why = "The vessel is not the partner's, or the person does not serve on it; or none of several is named.";
        let known = list(names.iter().copied(), "none");
        Advice::new(why, [format!("vessel_id of {} with {partner}: {known}", person.id)])
    }

    /// Advises on a person without a photo.
    pub(crate) fn photo(&self, crew: CrewMember) -> Advice {
        let person = self.state.crew(crew.position);
        let with_photo =
            |other: &&crate::world::CrewMember| other.details.as_ref().is_some_and(|details| details.photo.is_some());
        let names: Vec<&str> =
            self.everybody().filter(with_photo).take(NAMES_AT_MOST).map(|other| &*other.id).collect();
        let known = list(names.iter().copied(), "nobody");
        Advice::new(format!("{} has no photo, or its file is gone.", person.id), [format!("with a photo: {known}")])
    }

    /// Advises on a cursor that is not one of this session and partner, or is too old.
    pub(crate) fn cursor(&self) -> Advice {
        let policies = [self.ctl("policies set cursor_ttl=never"), self.ctl("policies set cursor_query=carried")];
        let why = "The cursor was changed, is of another partner or session, is of before a reset or another world, or \
                   has expired; or its snapshot is too long ago.";
        Advice::new(
            why,
            std::iter::once("begin with the first page, without a cursor".to_owned().into()).chain(policies),
        )
    }
}

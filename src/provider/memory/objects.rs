//! What the reference helpdesk refuses of departments, webhooks, routes, fields, hours and licenses.

use super::apply::{Written, referred, refused};
use super::desk::Desk;
use crate::model::{
    Access, Agent, Department, EventRoute, ExternalId, License, MembershipKey, OpeningHours, PhoneField,
    Reason, Ref, RoutingRule, Stamp, Standing, Webhook,
};
use crate::provider::ProviderError;

impl Written for License {
    fn stored(&self, _desk: &Desk, _stamp: &Stamp) -> Result<Self, ProviderError> {
        Ok(self.clone())
    }

    fn check(&self, desk: &Desk, own: Option<&ExternalId>) -> Result<(), ProviderError> {
        if own.is_none() && !desk.licenses.is_empty() {
            return Err(refused(Reason::Conflict, "licenses"));
        }
        Ok(())
    }
}

impl Written for PhoneField {
    fn stored(&self, _desk: &Desk, _stamp: &Stamp) -> Result<Self, ProviderError> {
        Ok(self.clone())
    }

    fn check_removal(_desk: &Desk, _id: &ExternalId, _stamp: &Stamp) -> Result<(), ProviderError> {
        // Its values are in customers' conversations.
        Err(refused(Reason::InUse, "field"))
    }
}

impl Written for Department {
    fn stored(&self, _desk: &Desk, _stamp: &Stamp) -> Result<Self, ProviderError> {
        Ok(self.clone())
    }

    fn check(&self, desk: &Desk, own: Option<&ExternalId>) -> Result<(), ProviderError> {
        let name = self.name.as_str().to_lowercase();
        let is_other = |(id, entry): (&ExternalId, &super::Entry<Self>)| {
            Some(id) != own && entry.value.name.as_str().to_lowercase() == name
        };
        if desk.departments.iter().any(is_other) {
            return Err(refused(Reason::NameTaken, "displayName"));
        }
        Ok(())
    }

    fn check_removal(desk: &Desk, id: &ExternalId, stamp: &Stamp) -> Result<(), ProviderError> {
        for place in desk.places_in(id) {
            let Some(place) = desk.memberships.get(&place) else { continue };
            let agent = MembershipKey::foreign_id(place.value.key.agent.as_str()).unwrap_or_default();
            let is_ours = desk.key_of::<Agent>(stamp, &agent).is_some();
            let holds_conversations =
                desk.agents.get(&agent).is_some_and(|entry| entry.value.access == Access::Suspended);
            if !is_ours || holds_conversations || place.value.standing == Standing::Default {
                return Err(refused(Reason::InUse, "departments"));
            }
        }
        let is_default = |agent: &Agent| agent.default_department == Ref::Foreign(id.clone());
        if desk.agents.values().any(|entry| is_default(&entry.value)) {
            return Err(refused(Reason::InUse, "departments"));
        }
        if desk.routing.values().any(|entry| entry.value.department == Ref::Foreign(id.clone())) {
            return Err(refused(Reason::InUse, "defaultDepartment"));
        }
        Ok(())
    }

    fn settle(desk: &mut Desk, id: &ExternalId) {
        if !desk.departments.contains_key(id) {
            for place in desk.places_in(id) {
                desk.memberships.remove(&place);
            }
        }
    }
}

impl Written for Webhook {
    fn stored(&self, _desk: &Desk, _stamp: &Stamp) -> Result<Self, ProviderError> {
        Ok(self.clone())
    }

    fn check(&self, _desk: &Desk, _own: Option<&ExternalId>) -> Result<(), ProviderError> {
        if !self.url.as_str().starts_with("https://") {
            return Err(refused(Reason::InvalidSpec, "url"));
        }
        Ok(())
    }

    fn check_removal(desk: &Desk, id: &ExternalId, _stamp: &Stamp) -> Result<(), ProviderError> {
        if desk.routes.values().any(|entry| entry.value.webhook == Ref::Foreign(id.clone())) {
            return Err(refused(Reason::InUse, "webhook"));
        }
        Ok(())
    }
}

impl Written for EventRoute {
    fn stored(&self, desk: &Desk, stamp: &Stamp) -> Result<Self, ProviderError> {
        let mut stored = self.clone();
        if let Ref::Ours(key) = &self.webhook {
            stored.webhook = Ref::Foreign(referred::<Webhook>(desk, stamp, key)?);
        }
        if let Ref::Ours(key) = &self.phone_field {
            stored.phone_field = Ref::Foreign(referred::<PhoneField>(desk, stamp, key)?);
        }
        Ok(stored)
    }
}

impl Written for RoutingRule {
    fn stored(&self, desk: &Desk, stamp: &Stamp) -> Result<Self, ProviderError> {
        let mut stored = self.clone();
        if let Ref::Ours(key) = &self.department {
            stored.department = Ref::Foreign(referred::<Department>(desk, stamp, key)?);
        }
        Ok(stored)
    }
}

impl Written for OpeningHours {
    fn stored(&self, _desk: &Desk, _stamp: &Stamp) -> Result<Self, ProviderError> {
        Ok(self.clone())
    }
}

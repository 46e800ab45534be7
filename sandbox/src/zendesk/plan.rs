//! The plans of the helpdesk and what they bring: requests a minute, custom roles, schedules.
//!
//! Figures are those of the vendor's published table; must not hold anything that an account can change by itself.

use serde::{Deserialize, Serialize};

/// A plan of Zendesk Suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "camelCase")]
pub enum Plan {
    /// 200 requests a minute, no schedules.
    Team,
    /// 400 requests a minute.
    Growth,
    /// 400 requests a minute.
    Professional,
    /// 700 requests a minute, custom roles, many schedules.
    #[default]
    Enterprise,
    /// 2,500 requests a minute, custom roles, many schedules.
    EnterprisePlus,
}

impl Plan {
    /// Requests a minute for the whole account.
    pub fn requests_per_minute(self) -> u32 {
        match self {
            Self::Team => 200,
            Self::Growth | Self::Professional => 400,
            Self::Enterprise => 700,
            Self::EnterprisePlus => 2500,
        }
    }

    /// Whether agents carry custom roles.
    pub fn has_custom_roles(self) -> bool {
        matches!(self, Self::Enterprise | Self::EnterprisePlus)
    }

    /// How many schedules an account may have; 0: the feature is absent (404).
    pub fn schedules(self) -> usize {
        match self {
            Self::Team => 0,
            Self::Growth | Self::Professional => 1,
            Self::Enterprise | Self::EnterprisePlus => 20,
        }
    }

    /// Its name as the undocumented subscription endpoint would write it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Team => "Suite Team",
            Self::Growth => "Suite Growth",
            Self::Professional => "Suite Professional",
            Self::Enterprise => "Suite Enterprise",
            Self::EnterprisePlus => "Suite Enterprise Plus",
        }
    }
}

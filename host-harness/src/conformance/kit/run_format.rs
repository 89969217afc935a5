//! What a kit says of the format of the plugin's runs.

use serde::Deserialize;

/// Where a run that is a JSON object holds its format.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub(crate) enum RunFormat {
    /// In a member of a usual name, if it has one.
    #[default]
    Usual,
    /// In this member.
    Member(String),
    /// In none: any object with the members of a run is one.
    Absent,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "the name of the member that holds the format, or false where runs have none")]
enum Written {
    Member(String),
    Has(bool),
}

impl TryFrom<Written> for RunFormat {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        match written {
            Written::Member(name) => Ok(Self::Member(name)),
            Written::Has(false) => Ok(Self::Absent),
            Written::Has(true) => Err("write the name of the member that holds the format".to_owned()),
        }
    }
}

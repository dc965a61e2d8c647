//! Which hospitals a target is asked of.

use serde::Serialize;

/// The rank a hospital has in the order of its area, by which the documents set deadlines.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HospitalClass {
    /// A hospital of the city.
    Municipal,
    /// A hospital of a county that is not a pilot of the reform.
    County,
    /// A county hospital that is a pilot of the reform.
    CountyPilot,
    /// A township health centre or a community health centre.
    Township,
    /// A hospital or institution for mothers and children.
    MaternalChild,
}

/// The grade of a hospital: how large its care is, and whether general or special.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// Grade III, general.
    TertiaryGeneral,
    /// Grade III, special.
    TertiarySpecial,
    /// Grade II, general.
    SecondaryGeneral,
    /// Grade II, special.
    SecondarySpecial,
    /// Grade I or none.
    Primary,
}

impl HospitalClass {
    /// Every class, in the order of the reference page.
    pub const ALL: [HospitalClass; 5] = [
        HospitalClass::Municipal,
        HospitalClass::County,
        HospitalClass::CountyPilot,
        HospitalClass::Township,
        HospitalClass::MaternalChild,
    ];

    /// The class as files and results write it.
    pub fn word(self) -> &'static str {
        match self {
            HospitalClass::Municipal => "municipal",
            HospitalClass::County => "county",
            HospitalClass::CountyPilot => "county_pilot",
            HospitalClass::Township => "township",
            HospitalClass::MaternalChild => "maternal_child",
        }
    }

    /// The class with this word.
    pub fn from_word(word: &str) -> Option<HospitalClass> {
        HospitalClass::ALL.into_iter().find(|class| class.word() == word)
    }

    /// The grade a hospital of this class usually has, used when nothing else is known.
    pub fn usual_grade(self) -> Grade {
        match self {
            HospitalClass::Municipal => Grade::TertiaryGeneral,
            HospitalClass::County | HospitalClass::CountyPilot => Grade::SecondaryGeneral,
            HospitalClass::Township => Grade::Primary,
            HospitalClass::MaternalChild => Grade::TertiarySpecial,
        }
    }
}

impl Grade {
    /// Every grade, in the order of the reference page.
    pub const ALL: [Grade; 5] = [
        Grade::TertiaryGeneral,
        Grade::TertiarySpecial,
        Grade::SecondaryGeneral,
        Grade::SecondarySpecial,
        Grade::Primary,
    ];

    /// The grade as files and results write it.
    pub fn word(self) -> &'static str {
        match self {
            Grade::TertiaryGeneral => "tertiary_general",
            Grade::TertiarySpecial => "tertiary_special",
            Grade::SecondaryGeneral => "secondary_general",
            Grade::SecondarySpecial => "secondary_special",
            Grade::Primary => "primary",
        }
    }

    /// The grade with this word.
    pub fn from_word(word: &str) -> Option<Grade> {
        Grade::ALL.into_iter().find(|grade| grade.word() == word)
    }
}

/// What a hospital is, as far as targets ask: its class and its grade.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct HospitalStanding {
    /// Rank in the area.
    pub class: HospitalClass,
    /// Grade.
    pub grade: Grade,
}

impl From<HospitalClass> for HospitalStanding {
    /// A hospital of this class with its usual grade.
    fn from(class: HospitalClass) -> Self {
        HospitalStanding { class, grade: class.usual_grade() }
    }
}

/// A set of hospitals a document speaks of with one word.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Every hospital.
    All,
    /// Hospitals of the city.
    Municipal,
    /// County hospitals, pilots among them.
    County,
    /// County hospitals that are pilots.
    CountyPilot,
    /// Township and community health centres.
    Township,
    /// Institutions for mothers and children.
    MaternalChild,
    /// Grade III.
    Tertiary,
    /// Grade III, general.
    TertiaryGeneral,
    /// Grade III, special.
    TertiarySpecial,
    /// Grade II.
    Secondary,
    /// Grade II, general.
    SecondaryGeneral,
    /// Grade II, special.
    SecondarySpecial,
}

impl Audience {
    /// Every audience: its word, itself, and what it means, in the order of the reference page.
    pub const OPTIONS: &'static [(&'static str, Audience, &'static str)] = &[
        ("all", Audience::All, "every hospital"),
        ("municipal", Audience::Municipal, "hospitals of the city"),
        ("county", Audience::County, "county hospitals, pilots among them"),
        ("county_pilot", Audience::CountyPilot, "county hospitals that are pilots of the reform"),
        ("township", Audience::Township, "township and community health centres"),
        ("maternal_child", Audience::MaternalChild, "institutions for mothers and children"),
        ("tertiary", Audience::Tertiary, "hospitals of grade III"),
        ("tertiary_general", Audience::TertiaryGeneral, "general hospitals of grade III"),
        ("tertiary_special", Audience::TertiarySpecial, "special hospitals of grade III"),
        ("secondary", Audience::Secondary, "hospitals of grade II"),
        ("secondary_general", Audience::SecondaryGeneral, "general hospitals of grade II"),
        ("secondary_special", Audience::SecondarySpecial, "special hospitals of grade II"),
    ];

    /// The audience with this word.
    pub fn from_word(word: &str) -> Option<Audience> {
        Audience::OPTIONS.iter().find(|option| option.0 == word).map(|option| option.1)
    }

    /// Whether a hospital belongs to it.
    pub fn includes(self, hospital: HospitalStanding) -> bool {
        let HospitalStanding { class, grade } = hospital;
        match self {
            Audience::All => true,
            Audience::Municipal => class == HospitalClass::Municipal,
            Audience::County => matches!(class, HospitalClass::County | HospitalClass::CountyPilot),
            Audience::CountyPilot => class == HospitalClass::CountyPilot,
            Audience::Township => class == HospitalClass::Township,
            Audience::MaternalChild => class == HospitalClass::MaternalChild,
            Audience::Tertiary => matches!(grade, Grade::TertiaryGeneral | Grade::TertiarySpecial),
            Audience::TertiaryGeneral => grade == Grade::TertiaryGeneral,
            Audience::TertiarySpecial => grade == Grade::TertiarySpecial,
            Audience::Secondary => matches!(grade, Grade::SecondaryGeneral | Grade::SecondarySpecial),
            Audience::SecondaryGeneral => grade == Grade::SecondaryGeneral,
            Audience::SecondarySpecial => grade == Grade::SecondarySpecial,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_county_pilot_is_a_county_hospital_but_not_the_other_way_round() {
        let pilot = HospitalStanding::from(HospitalClass::CountyPilot);
        let county = HospitalStanding::from(HospitalClass::County);
        assert!(Audience::County.includes(pilot) && Audience::CountyPilot.includes(pilot));
        assert!(Audience::County.includes(county) && !Audience::CountyPilot.includes(county));
    }

    #[test]
    fn every_word_names_one_thing() {
        for (word, audience, _) in Audience::OPTIONS {
            assert_eq!(Audience::from_word(word), Some(*audience));
        }
        for class in HospitalClass::ALL {
            assert_eq!(HospitalClass::from_word(class.word()), Some(class));
            assert_eq!(serde_json::to_value(class).unwrap(), class.word());
        }
        for grade in Grade::ALL {
            assert_eq!(Grade::from_word(grade.word()), Some(grade));
            assert_eq!(serde_json::to_value(grade).unwrap(), grade.word());
        }
        assert_eq!(Audience::from_word("district"), None);
    }

    #[test]
    fn grades_decide_where_classes_do_not() {
        let special = HospitalStanding { class: HospitalClass::Municipal, grade: Grade::TertiarySpecial };
        assert!(Audience::Tertiary.includes(special) && Audience::Municipal.includes(special));
        assert!(!Audience::TertiaryGeneral.includes(special));
        assert!(!Audience::Secondary.includes(HospitalStanding::from(HospitalClass::Township)));
    }
}

//! The two languages of the project, and texts in both.

use onetrip_models::text::Text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A language that output is written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Chinese, simplified.
    Chinese,
}

impl Language {
    /// Both, English first.
    pub const ALL: [Language; 2] = [Language::English, Language::Chinese];

    /// The language's tag: `en` or `zh`.
    pub fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Chinese => "zh",
        }
    }

    /// The one of two wordings that belongs to this language.
    pub fn pick<'a>(self, en: &'a str, zh: &'a str) -> &'a str {
        match self {
            Language::English => en,
            Language::Chinese => zh,
        }
    }
}

/// A text in English and Chinese.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Words {
    /// English.
    pub en: String,
    /// Chinese; the English where nobody has translated it.
    pub zh: String,
}

impl Words {
    /// The text in English and in Chinese.
    pub fn new(en: impl Into<String>, zh: impl Into<String>) -> Words {
        Words { en: en.into(), zh: zh.into() }
    }

    /// A name that is the same in both.
    pub fn same(text: impl Into<String>) -> Words {
        let en = text.into();
        Words { zh: en.clone(), en }
    }

    /// What one function says in both languages.
    pub(crate) fn in_both(say: impl Fn(Language) -> String) -> Words {
        Words::new(say(Language::English), say(Language::Chinese))
    }

    /// The text in one language; the English one where the Chinese is empty.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Chinese if !self.zh.is_empty() => &self.zh,
            _ => &self.en,
        }
    }

    /// The text in one language, or this name where nothing is said.
    pub(crate) fn or_name<'a>(&'a self, name: &'a str, language: Language) -> &'a str {
        Some(self.in_language(language)).filter(|text| !text.is_empty()).unwrap_or(name)
    }

    /// Nothing is said.
    pub fn is_empty(&self) -> bool {
        self.en.is_empty() && self.zh.is_empty()
    }
}

impl From<&Text> for Words {
    fn from(text: &Text) -> Words {
        Words::new(&text.en, &text.zh)
    }
}

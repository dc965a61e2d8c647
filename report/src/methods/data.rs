//! Section 3 of the checklist: where the inputs come from, and what is assumed.

use super::{MethodsSection, Places, Subject, item, section};
use crate::document::{InputOrigin, InputPart};
use crate::figures::counted;
use crate::words::Words;

/// The items of section 3.
pub(super) fn data(subject: &Subject<'_>) -> MethodsSection {
    let (inputs, at) = (subject.inputs, Places::of(subject));
    let mut sources: Vec<&str> = inputs.iter().filter_map(|input| input.source.as_deref()).collect();
    sources.sort_unstable();
    sources.dedup();
    let assumptions = inputs.iter().filter(|input| input.assumption).count();
    let sourced = inputs.iter().filter(|input| input.source.is_some()).count();
    let is_unsaid = |input: &&InputPart| !input.assumption && input.source.is_none();
    let defaults =
        inputs.iter().filter(is_unsaid).filter(|input| input.origin == InputOrigin::Default).count();
    let silent = inputs.iter().filter(is_unsaid).count() - defaults;
    let data_sources = if inputs.is_empty() {
        Words::new("The scenario states no sources.", "情景文件未注明来源。")
    } else if sources.is_empty() {
        Words::new(
            match inputs.len() {
                1 => "The one listed input names no source.".to_owned(),
                many => format!("None of the {many} listed inputs names a source."),
            },
            format!("所列{}项输入均未注明来源。", inputs.len()),
        )
    } else {
        Words::new(
            format!(
                "{sourced} of {} {} a source: {}.",
                counted(inputs.len() as u64, "listed input", "listed inputs"),
                if sourced == 1 { "names" } else { "name" },
                sources.join("; ")
            ),
            format!("所列{}项输入中{sourced}项注明来源：{}。", inputs.len(), sources.join("；")),
        )
    };
    let notes = inputs.iter().filter(|input| input.note.is_some()).count();
    let processing = if notes == 0 {
        Words::new(
            "The scenario does not say that data were processed beforehand.",
            "情景文件未说明数据预处理。",
        )
    } else {
        Words::new(
            format!(
                "{} a note on how the value was derived ({}).",
                counted(notes as u64, "input carries", "inputs carry"),
                at.inputs.en
            ),
            format!("{notes}项输入附有推导说明（见{}）。", at.inputs.zh),
        )
    };
    let parameters = if inputs.is_empty() {
        Words::new(
            "No input is listed: the scenario file does not tie its numbers to evidence, or was built in \
             code.",
            "未列出输入：情景文件未为数值提供依据，或情景由代码构建。",
        )
    } else {
        Words::new(
            format!(
                "{} in {}, with values as written.",
                counted(inputs.len() as u64, "input", "inputs"),
                at.inputs.en
            ),
            format!("见{}所列{}项，数值与文件一致。", at.inputs.zh, inputs.len()),
        )
    };
    let assumed = if assumptions == 0 && silent == inputs.len() {
        Words::new("The scenario marks no number as an assumption.", "情景文件未标注假设。")
    } else {
        Words::new(
            format!(
                "{}; {}, assumed too; {} neither.",
                counted(
                    assumptions as u64,
                    "input is marked as an assumption",
                    "inputs are marked as assumptions"
                ),
                counted(defaults as u64, "is a default of the format", "are defaults of the format"),
                counted(silent as u64, "says", "say")
            ),
            format!(
                "{assumptions}项输入标注为假设；{defaults}项取格式默认值，亦属假设；{silent}项既无来源也未标注为假设。"
            ),
        )
    };
    section(
        "3 Data",
        "3 数据",
        vec![
            item("3.1", "Data sources", "数据来源", data_sources),
            item("3.2", "Pre-processing", "预处理", processing),
            item("3.3", "Input parameters", "输入参数", parameters),
            item("3.4", "Assumptions", "假设", assumed),
        ],
    )
}

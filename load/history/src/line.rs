//! An operation as a line of the log. Nearly every line is one, so they are put together word by word and not by a general
//! serialiser.

use crate::operation::{Operation, Outcome};
use crate::text::Text;
use itoa::Integer;

/// Adds the line of an operation, the line's end with it.
pub(crate) fn push_operation(line: &mut Vec<u8>, operation: &Operation<'_>) {
    push(line, "{\"operation\":{\"id\":");
    push_number(line, operation.id);
    push(line, ",\"patient\":");
    push_number(line, operation.patient);
    push(line, ",\"step\":");
    push_text(line, &operation.step);
    push(line, ",\"action\":");
    push_word(line, operation.action.name());
    if operation.attempt != 1 {
        push(line, ",\"attempt\":");
        push_number(line, operation.attempt);
    }
    push(line, ",\"at_us\":[");
    push_number(line, operation.at.intended_at);
    push(line, ",");
    push_number(line, operation.at.sent_at);
    push(line, ",");
    push_number(line, operation.at.done_at);
    push(line, "]");
    push_subjects(line, operation);
    push(line, ",\"outcome\":");
    push_outcome(line, operation.outcome);
    push_learnt(line, operation);
    if let Some(template) = operation.template {
        push(line, ",\"template\":");
        push_number(line, template);
    }
    if !operation.arguments.is_empty() {
        push(line, ",\"arguments\":[");
        push_list(line, &operation.arguments, |line, argument| push_text(line, argument));
    }
    push(line, "}}\n");
}

/// What the request was about.
fn push_subjects(line: &mut Vec<u8>, operation: &Operation<'_>) {
    for (field, text) in [
        (",\"slot\":", &operation.slot),
        (",\"hold\":", &operation.hold),
        (",\"appointment\":", &operation.appointment),
        (",\"invoice\":", &operation.invoice),
        (",\"payment\":", &operation.payment),
        (",\"order\":", &operation.order),
    ] {
        push_optional_text(line, field, text);
    }
    if let Some((kind, id)) = &operation.object {
        push(line, ",\"object\":[");
        push_word(line, kind.name());
        push(line, ",");
        push_text(line, id);
        push(line, "]");
    }
    push_optional_text(line, ",\"key\":", &operation.key);
    push_optional_number(line, ",\"amount\":", operation.amount);
    push_optional_number(line, ",\"hold_time_us\":", operation.hold_time_us);
    push_optional_number(line, ",\"place_count\":", operation.place_count);
    if let Some(state) = operation.wants {
        push(line, ",\"wants\":");
        push_word(line, state.code());
    }
    push_optional_number(line, ",\"resolves\":", operation.resolves);
}

fn push_outcome(line: &mut Vec<u8>, outcome: Outcome) {
    match outcome {
        Outcome::Ok(status) => {
            push(line, "{\"ok\":");
            push_number(line, status);
            push(line, "}");
        }
        Outcome::Refused(status, refusal) => {
            push(line, "{\"refused\":[");
            push_number(line, status);
            push(line, ",");
            push_word(line, refusal.name());
            push(line, "]}");
        }
        Outcome::Unknown(lost) => {
            push(line, "{\"unknown\":");
            push_word(line, lost.name());
            push(line, "}");
        }
        Outcome::NotSent => push_word(line, "not-sent"),
    }
}

/// What the answer told.
fn push_learnt(line: &mut Vec<u8>, operation: &Operation<'_>) {
    if !operation.seen.is_empty() {
        push(line, ",\"seen\":[");
        push_list(line, &operation.seen, |line, seen| {
            push(line, "[");
            push_word(line, seen.kind.name());
            push(line, ",");
            push_text(line, &seen.id);
            push(line, ",");
            push_word(line, seen.state.code());
            push(line, "]");
        });
    }
    if !operation.captured.is_empty() {
        push(line, ",\"captured\":[");
        push_list(line, &operation.captured, |line, (name, value)| {
            push(line, "[");
            push_text(line, name);
            push(line, ",");
            push_text(line, value);
            push(line, "]");
        });
    }
}

/// The elements of a list and its end.
fn push_list<T>(line: &mut Vec<u8>, elements: &[T], push_element: impl Fn(&mut Vec<u8>, &T)) {
    for (index, element) in elements.iter().enumerate() {
        if index > 0 {
            push(line, ",");
        }
        push_element(line, element);
    }
    push(line, "]");
}

fn push_optional_text(line: &mut Vec<u8>, field: &str, text: &Option<Text<'_>>) {
    if let Some(text) = text {
        push(line, field);
        push_text(line, text);
    }
}

fn push_optional_number(line: &mut Vec<u8>, field: &str, number: Option<impl Integer>) {
    if let Some(number) = number {
        push(line, field);
        push_number(line, number);
    }
}

fn push(line: &mut Vec<u8>, text: &str) {
    line.extend_from_slice(text.as_bytes());
}

fn push_number(line: &mut Vec<u8>, number: impl Integer) {
    push(line, itoa::Buffer::new().format(number));
}

/// A word of the format, which needs no escapes.
fn push_word(line: &mut Vec<u8>, word: &str) {
    push(line, "\"");
    push(line, word);
    push(line, "\"");
}

fn push_text(line: &mut Vec<u8>, text: &str) {
    let is_plain = text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\');
    if is_plain {
        push_word(line, text);
    } else {
        serde_json::to_writer(line, text).expect("memory takes every text");
    }
}

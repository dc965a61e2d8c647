//! fhir
pub(super) fn router(_office: std::sync::Arc<crate::office::Office>) -> axum::Router {
    axum::Router::new()
}

//! Pages that not everybody may see: behind the credentials of an API.

use std::sync::Arc;

use async_trait::async_trait;
use tenon_security::authorize::Access;

use super::{
    exchange::{Answer, Exchange, Failure, Handler},
    gate::Gate,
    router::Mount,
};

/// A page for callers with this access.
struct Guarded {
    page: Arc<dyn Handler>,
    gate: Arc<Gate>,
    access: Access,
}

/// The same page, for callers of the API of `gate` that have `access`.
pub(super) fn guarded(mount: Mount, gate: &Arc<Gate>, access: &Access) -> Mount {
    let handler = Guarded { page: mount.handler, gate: Arc::clone(gate), access: access.clone() };
    Mount { handler: Arc::new(handler), ..mount }
}

#[async_trait]
impl Handler for Guarded {
    async fn handle(&self, mut exchange: Exchange<'_>) -> Result<Answer, Failure> {
        let principal = self.gate.identify(&mut exchange).await?;
        *exchange.principal = Some(Arc::clone(&principal));
        self.gate.permit(&principal, &self.access)?;
        self.page.handle(exchange).await
    }
}

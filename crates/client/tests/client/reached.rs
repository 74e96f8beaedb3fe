//! Names of hosts, their addresses, and which of those are connected to.

use std::{io, net::IpAddr, sync::Arc};

use async_trait::async_trait;
use tenon_client::{Client, Failure, Names, Reach, Settings};

use crate::server::{Closed, answering, get, once, post, reply, settings};

/// Every name leads to these addresses.
struct Leads(Vec<IpAddr>);

#[async_trait]
impl Names for Leads {
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        if host == "gone.example" {
            return Err(io::Error::other("no such host"));
        }
        Ok(self.0.clone())
    }
}

fn client(host: &str, addresses: &[&str], private: bool) -> Client {
    let names = Arc::new(Leads(addresses.iter().map(|address| address.parse().unwrap()).collect()));
    Client::new(Settings { names, reach: Reach { private }, ..once(host) }).unwrap()
}

async fn failure(client: Client) -> Failure {
    let failure = client.send(post("/", "")).await.unwrap_err();
    assert!(!failure.may_have_acted);
    failure
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_after_it_was_looked_up() {
    for address in ["127.0.0.1", "10.0.0.7", "169.254.169.254", "::ffff:192.168.0.1", "fd00::1"] {
        let failure = failure(client("http://erp.example", &["93.184.216.34", address], false)).await;
        assert_eq!((failure.report.code().id, failure.report.is_transient()), ("Y0407", false));
    }
    let failure = failure(client("http://erp.example", &["169.254.169.254"], true)).await;
    assert_eq!(
        failure.report.message(),
        "`erp` is not called: `erp.example` leads to 169.254.169.254, an address local to a link, such as that of \
         cloud metadata"
    );
}

#[tokio::test]
async fn a_name_leads_inside_where_the_project_says_so() {
    let server = answering(|_, _| async { reply(200, "inside") }).await;
    let url = format!("http://erp.example:{}", server.address.port());
    let response = client(&url, &["127.0.0.1"], true).send(get("/")).await.unwrap();
    assert_eq!(response.body, "inside");
}

#[tokio::test]
async fn this_machine_is_reached_by_the_names_that_are_its_own() {
    let server = answering(|_, _| async { reply(200, "here") }).await;
    let port = server.address.port();
    for host in ["127.0.0.1", "localhost", "LOCALHOST"] {
        let client = Client::new(settings(&[&format!("http://{host}:{port}")])).unwrap();
        assert_eq!(client.send(get("/")).await.unwrap().body, "here", "{host}");
    }
}

#[tokio::test]
async fn all_addresses_of_a_name_are_tried() {
    let server = answering(|_, _| async { reply(200, "second") }).await;
    let port = server.address.port();
    // Nothing listens at the others.
    let response = client(&format!("http://erp.example:{port}"), &["::1", "127.0.0.2", "127.0.0.1"], true);
    assert_eq!(response.send(get("/")).await.unwrap().body, "second");
}

#[tokio::test]
async fn what_cannot_be_reached_is_said_with_its_reasons() {
    let nobody = Closed::new();
    let closed = nobody.address.port();
    let failure =
        failure(client(&format!("http://a.example:{closed}"), &["127.0.0.1", "127.0.0.2"], true)).await;
    assert_eq!((failure.report.code().id, failure.report.is_transient()), ("Y0001", true));
    let said = format!(
        "`erp` cannot be reached at http://a.example:{closed}: the connection is refused (127.0.0.1:{closed}), the \
         connection is refused (127.0.0.2:{closed})"
    );
    assert_eq!(failure.report.message(), said);
}

#[tokio::test]
async fn a_name_that_is_not_known_is_said() {
    let gone = failure(client("http://gone.example", &[], false)).await;
    let said =
        "`erp` cannot be reached at http://gone.example: the name `gone.example` is not found (no such host)";
    assert_eq!((gone.report.code().id, gone.report.message()), ("Y0001", said));
    let empty = failure(client("http://empty.example", &[], false)).await;
    assert!(empty.report.message().ends_with("is not found (it has no address)"), "{empty}");
}

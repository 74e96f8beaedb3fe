//! Systems of several instances, redirects, signatures and tokens, as a project says them.

use std::fs;

use crate::{
    server::{Asked, Reply, Server},
    shop::{GET, SUBMIT, Shop},
};

fn named(name: &'static str) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
    move |_| Reply::json(200, &format!("{{\"name\":\"{name}\"}}"))
}

const ORDERS: [&str; 8] = ["1,a", "2,b", "3,c", "4,d", "5,a", "6,b", "7,c", "8,d"];

/// A shop whose system has these instances, each with its weight.
fn of_instances(instances: &[(&Server, u32)], beside: &str) -> Shop {
    let shop = Shop::new(instances[0].0, beside, GET, &ORDERS);
    let url = |(server, weight): &(&Server, u32)| {
        format!("{{ url: 'http://{}/api', weight: {weight} }}", server.address)
    };
    let urls: Vec<_> = instances.iter().map(url).collect();
    let project = fs::read_to_string(shop.path().join("tenon.yaml")).unwrap();
    let one = format!("url: 'http://{}/api'", instances[0].0.address);
    shop.file("tenon.yaml", &project.replace(&one, &format!("url: [{}]", urls.join(", "))));
    shop
}

#[tokio::test]
async fn calls_are_spread_by_weight() {
    let (light, heavy) = (Server::start(named("light")).await, Server::start(named("heavy")).await);
    let shop = of_instances(&[(&light, 1), (&heavy, 3)], ", balance: round_robin");
    let (rows, letters) = shop.run().await;
    assert_eq!((rows.len(), letters.len()), (8, 0));
    assert_eq!((light.asked().len(), heavy.asked().len()), (2, 6));
}

#[tokio::test]
async fn the_same_question_goes_to_the_same_instance() {
    let (one, other) = (Server::start(named("one")).await, Server::start(named("other")).await);
    let shop = of_instances(&[(&one, 1), (&other, 1)], ", balance: hash");
    let (rows, letters) = shop.run().await;
    assert_eq!((rows.len(), letters.len()), (8, 0));
    let (of_one, of_other) = (one.lines(), other.lines());
    assert_eq!(of_one.len() + of_other.len(), 8);
    assert!(of_one.iter().all(|line| !of_other.contains(line)), "{of_one:?} {of_other:?}");
}

#[tokio::test]
async fn an_instance_that_says_it_is_not_well_gets_no_calls() {
    let well = Server::start(named("well")).await;
    let ill = Server::start(|asked| match asked.line.as_str() {
        "GET /api/health" => Reply::json(503, "{}"),
        _ => Reply::json(200, "{\"name\":\"ill\"}"),
    })
    .await;
    let shop = of_instances(
        &[(&well, 1), (&ill, 1)],
        ", health: { path: /health, every: 5ms, bad: 1 }, balance: round_robin",
    );
    shop.read_a_topic();
    let running = shop.start().await;
    // The first call has it asked how it is.
    shop.publish(&running, &[("0", "a"), ("00", "b")]).await;
    running.idle().await;
    while ill.lines().iter().filter(|line| line.ends_with("/health")).count() < 2 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let before = ill.lines().iter().filter(|line| line.contains("customers")).count();
    shop.publish(&running, &[("1", "a"), ("2", "b"), ("3", "c"), ("4", "d")]).await;
    running.idle().await;
    let (rows, letters) = shop.seen(running).await;
    assert_eq!((rows.len(), letters.len()), (6, 0));
    assert_eq!(ill.lines().iter().filter(|line| line.contains("customers")).count(), before);
}

#[tokio::test]
async fn what_only_reads_is_asked_once_more_of_another_instance() {
    let (slow, fast) = (Server::start(|_| Reply::Never).await, Server::start(named("fast")).await);
    let shop = of_instances(&[(&slow, 1), (&fast, 1)], ", balance: round_robin, hedge: 5ms, at_most: 1");
    let (rows, letters) = shop.run().await;
    assert_eq!(letters.len(), 0);
    assert!(rows.len() == 8 && rows.iter().all(|row| row.ends_with("fast")), "{rows:?}");
    assert!(!slow.asked().is_empty());
}

#[tokio::test]
async fn redirects_are_followed_where_the_project_says_so() {
    let moved = |asked: &Asked| match asked.line.as_str() {
        "GET /api/customers/a" => Reply::With(307, vec![("location", "/new/a")], String::new()),
        "GET /new/a" => Reply::json(200, "{\"name\":\"moved\"}"),
        _ => Reply::json(404, "{}"),
    };
    let server = Server::start(moved).await;
    let (rows, letters) = Shop::new(&server, ", redirects: same_host", GET, &["1,a"]).run().await;
    assert_eq!((rows, letters.len()), (vec!["1 moved".to_owned()], 0));
    let (rows, letters) = Shop::new(&server, "", GET, &["1,a"]).run().await;
    assert_eq!((rows.len(), letters.len()), (0, 1));
}

#[tokio::test]
async fn requests_are_signed() {
    let server = Server::start(|_| Reply::json(201, "{\"name\":\"signed\"}")).await;
    let auth = ", auth: { hmac: { key: '${secret:KEY}', header: X-Signature, prefix: sha256=, signed: [method, { text: ' ' }, path, { text: ' ' }, body] } }";
    let shop = Shop::new(&server, auth, SUBMIT, &["1,a"]);
    shop.file("secrets/KEY", "Jefe");
    let (rows, letters) = shop.run().await;
    assert_eq!((rows.len(), letters.len()), (1, 0));
    let asked = server.asked().remove(0);
    // printf 'POST /api/orders {"id":"1"}' | openssl dgst -sha256 -hmac Jefe
    let expected = "sha256=ff52b3ae302fec395f50db8f4bf93b413518a9aa030c111e230ca319d3c9b7ac";
    assert_eq!((asked.body.as_str(), asked.header("x-signature")), ("{\"id\":\"1\"}", Some(expected)));
}

#[tokio::test]
async fn a_refresh_token_that_came_in_place_of_another_outlives_the_process() {
    let issued = std::sync::atomic::AtomicU32::new(0);
    let server = Server::start(move |asked| match asked.line.as_str() {
        "POST /token" => {
            let number = issued.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let wanted = if number == 0 { "first".to_owned() } else { format!("next-{}", number - 1) };
            assert!(asked.body.contains(&format!("refresh_token={wanted}")), "{}", asked.body);
            Reply::json(
                200,
                &format!(
                    "{{\"access_token\":\"t{number}\",\"token_type\":\"Bearer\",\"expires_in\":60,\"refresh_token\":\"next-{number}\"}}"
                ),
            )
        }
        _ => Reply::json(200, &format!("{{\"name\":\"{}\"}}", asked.header("authorization").unwrap())),
    })
    .await;
    let auth = format!(
        ", auth: {{ oauth2: {{ token: 'http://{}/token', client: shop, secret: '${{secret:S}}', refresh: '${{secret:R}}' }} }}",
        server.address
    );
    let shop = Shop::new(&server, &auth, GET, &["1,a"]);
    shop.file("secrets/S", "s");
    shop.file("secrets/R", "first");
    assert_eq!(shop.run().await.0, ["1 Bearer t0"]);
    shop.file("data/orders.csv", "id,customer\n1,a\n2,b\n");
    assert_eq!(shop.run().await.0, ["1 Bearer t0", "2 Bearer t1"]);
}

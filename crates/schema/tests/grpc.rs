//! Feature `grpc`: every service has a client, and those the door does not serve itself a server.
#![cfg(feature = "grpc")]

use schema::admin::v1::admin_client::AdminClient;
use schema::admin::v1::admin_server::AdminServer;
use schema::iam::v1::iam_client::IamClient;
use schema::sts::v1::sts_client::StsClient;
use tonic::server::NamedService;

fn is_generated<T>() {}

#[test]
fn clients_and_servers_are_generated() {
    is_generated::<IamClient<()>>();
    is_generated::<StsClient<()>>();
    is_generated::<AdminClient<()>>();
    assert_eq!(AdminServer::<()>::NAME, schema::Service::Admin.full_name());
}

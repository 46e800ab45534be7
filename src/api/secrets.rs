//! The Secrets people create: their types and keys. They are user interface, so they are written down once, here.
//!
//! Why own Secret types: a Secret of another type is refused, so nobody can make the operator send a foreign
//! Secret's content to a host of their choice.
//! Must not: hold, parse or print a value.

/// The type of a Secret with the credentials of an account.
pub const CREDENTIALS_TYPE: &str = "humansupport.dev/credentials";
/// The type of a Secret with the token that a webhook presents to its handler.
pub const WEBHOOK_TOKEN_TYPE: &str = "humansupport.dev/webhook-token";

/// Keys of a credentials Secret for Zendesk.
pub mod zendesk {
    /// The host the credentials belong to, such as `lojacentro.zendesk.com`.
    pub const HOST: &str = "host";
    /// The id of the OAuth client.
    pub const CLIENT_ID: &str = "clientId";
    /// The secret of the OAuth client.
    pub const CLIENT_SECRET: &str = "clientSecret";
    /// The address of the user of an API token. Accepted with a warning: API tokens stop on 2027-04-30.
    pub const EMAIL: &str = "email";
    /// The API token that goes with [`EMAIL`].
    pub const API_TOKEN: &str = "apiToken";
}

/// Keys of a credentials Secret for Zenvia.
pub mod zenvia {
    /// The host of Zenvia Chat that the partner or account token belongs to.
    pub const CHAT_HOST: &str = "chatHost";
    /// The token of the partner interface.
    pub const PARTNER_TOKEN: &str = "partnerToken";
    /// The token of one account.
    pub const ACCOUNT_TOKEN: &str = "accountToken";
    /// The host of the subscriptions interface that the API token belongs to.
    pub const API_HOST: &str = "apiHost";
    /// The token of the subscriptions interface. It serves the subscriptions of one store only.
    pub const API_TOKEN: &str = "apiToken";
}

/// Keys of a credentials Secret for an adapter to another platform.
pub mod external {
    /// The host of the adapter.
    pub const HOST: &str = "host";
    /// The token presented to the adapter.
    pub const TOKEN: &str = "token";
    /// The key that signs what is sent to the adapter.
    pub const HMAC_KEY: &str = "hmacKey";
    /// The certificate authority of the adapter in PEM, in the Secret that `caBundleSecretRef` names.
    pub const CA: &str = "ca.crt";
}

/// Keys of a webhook token Secret.
pub mod webhook_token {
    /// The host the token may be sent to; it must be the host of the webhook's URL.
    pub const HOST: &str = "host";
    /// The token the handler expects.
    pub const TOKEN: &str = "token";
}

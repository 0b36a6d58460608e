using Direct.Edge.Identity;
using Direct.Edge.Protocol;
using Direct.Edge.Subscriptions;
using Direct.Edge.Topics;

namespace Direct.Edge.Connections;

/// <summary>Carries out the token of a connection, in either dialect: finds its user, and enters the topics of that user.</summary>
internal sealed class Login(IdentityResolver identities, TopicSubscriptions subscriptions, Admission admission)
{
    /// <summary>Completes when the connection has entered its topics. Returns false if it is closing instead.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="token">Its token. The memory is read before the first wait only.</param>
    public async ValueTask<bool> TryEnterAsync(Connection connection, ReadOnlyMemory<byte> token)
    {
        var identity = await identities.ResolveAsync(token, connection.Address.Text);
        if (identity.Refusal is { } refusal)
        {
            connection.BeginClose(refusal);
            return false;
        }

        connection.Identify(identity.UserId, identity.Token);
        if (await subscriptions.TryAcquireAsync(Topic.User(identity.UserId), connection.SpeaksDirect2) is not { } acquired)
        {
            connection.BeginClose(CloseReason.SubscribeTimeout);
            return false;
        }

        if (!connection.Topics.TryEnter(acquired))
        {
            return false;
        }

        admission.Authenticated();
        return true;
    }
}

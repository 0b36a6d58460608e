using Direct.Edge.BackendApi;
using Direct.Edge.Connections;
using Direct.Edge.Keeping;
using Direct.Edge.Subscriptions;
using Direct.Keeping;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Hosting;

/// <summary>Checks how the settings of what is kept relate to those of connections and signals.</summary>
internal sealed class KeepOptionsValidator(
    IOptions<SubscriptionOptions> subscriptions, IOptions<SignalOptions> signals, IOptions<ConnectionOptions> connections) : IValidateOptions<KeepOptions>
{
    public ValidateOptionsResult Validate(string? name, KeepOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        if (options.Role is KeepRole.None || !connections.Value.Direct2 || options.Window == TimeSpan.Zero)
        {
            return result.Build();
        }

        if (options.Window < subscriptions.Value.SubscriptionLinger)
        {
            result.AddError($"{KeepOptions.SectionName}:Window is {options.Window}; it must be 0, or at least {SubscriptionOptions.SectionName}:SubscriptionLinger "
                + $"({subscriptions.Value.SubscriptionLinger}), or a client that loses its connection would have less time than one that leaves a room.");
        }

        if (options.Window < connections.Value.PingInterval)
        {
            result.AddError($"{KeepOptions.SectionName}:Window is {options.Window}; it must be 0, or at least {ConnectionOptions.SectionName}:PingInterval "
                + $"({connections.Value.PingInterval}), or the position of a user could become too old before a client is told of a later one.");
        }

        var largest = Math.Max(Math.Max(connections.Value.MaxMessageBytes, connections.Value.MaxLaterMessageBytes), signals.Value.MaxMessageBytes);
        var bytes = 2L * TopicRing.BytesOf(largest);
        if (options.BytesPerTopic < bytes)
        {
            result.AddError($"{KeepOptions.SectionName}:BytesPerTopic is {options.BytesPerTopic}; it must be at least {bytes}, two of the largest messages "
                + $"({largest} bytes), or a single message could cause a gap.");
        }

        return result.Build();
    }
}

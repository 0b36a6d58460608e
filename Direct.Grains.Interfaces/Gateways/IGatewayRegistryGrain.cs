namespace Direct.Grains.Gateways;

/// <summary>
/// Tracks the live gateways by leases, and reports them to the silos. There is one registry, with the key 0. The gateways are not stored: a new
/// activation serves when it has the union of what the active silos know.
/// </summary>
[Alias("direct.gateway-registry")]
public interface IGatewayRegistryGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Grants a lease, and answers when every active silo knows the gateway. False means that the registry is not ready or refuses the gateway
    /// (<see cref="RefusalAsync"/> returns the reason); try again.
    /// </summary>
    [Alias("register"), ResponseTimeout("00:00:05")]
    ValueTask<bool> RegisterAsync(GatewayEntry gateway);

    /// <summary>
    /// Returns why the registry never grants this gateway a lease: a sentence that says what must be changed; null if it would grant one. A registry
    /// of 0.1.0 does not have this method, and refuses no gateway.
    /// </summary>
    [Alias("refusal"), ResponseTimeout("00:00:01")]
    ValueTask<string?> RefusalAsync(GatewayEntry gateway);

    /// <summary>Renews a lease. A registry that has just started learns about the gateway in this way.</summary>
    /// <param name="gateway">The gateway, as it registered.</param>
    /// <param name="highestTestId">The highest test id that the gateway has assigned or holds.</param>
    [Alias("renew"), ResponseTimeout("00:00:01")]
    ValueTask<RenewAnswer> RenewAsync(GatewayEntry gateway, long highestTestId);

    /// <summary>Ends a lease, after the gateway has closed its last connection.</summary>
    [Alias("leave"), ResponseTimeout("00:00:02")]
    ValueTask LeaveAsync(Guid gateway);

    /// <summary>Polls the table for a silo, and so shows that the silo is reachable. Answers on a change, or after 0.25 s.</summary>
    /// <param name="silo">The polling silo.</param>
    /// <param name="known">The version that the silo has.</param>
    /// <param name="isComplete">
    /// Whether <paramref name="known"/> contains the entries, as the last answer requested; otherwise it is only the version.
    /// </param>
    [Alias("poll"), ResponseTimeout("00:00:01")]
    ValueTask<PollAnswer> PollAsync(SiloAddress silo, GatewayTable known, bool isComplete);

    /// <summary>Returns the first id of a block of <see cref="TestIdBlock"/> user ids for <c>env=test</c>; 0 if the registry is not ready.</summary>
    [Alias("test-ids"), ResponseTimeout("00:00:02")]
    ValueTask<long> TakeTestIdsAsync();

    /// <summary>Specifies the number of ids in a block.</summary>
    const int TestIdBlock = 100;
}

/// <summary>Specifies the result of a renewal.</summary>
public enum RenewAnswer : byte
{
    /// <summary>The lease is renewed from now on.</summary>
    Renewed = 0,

    /// <summary>There is no such lease any more: close all connections, and register again under another id.</summary>
    Unknown = 1,
}

/// <summary>Represents one gateway.</summary>
/// <param name="Id">The id of the current registration; a gateway that registers again uses a new one.</param>
/// <param name="Name">The name for people: host and port.</param>
/// <param name="Observers">The observers, one for each stripe.</param>
/// <param name="FenceAfter">
/// The time after the start of its last renewal at which it closes its connections; null for gateways of 0.1.0, which do not report it.
/// </param>
/// <param name="Keeps">Whether it can keep topics for clients that come back, so that a new activation of a lane asks it. It may keep none at present.</param>
/// <param name="KeepFor">How long it keeps messages, and a topic after its last connection; null unless <paramref name="Keeps"/>.</param>
/// <param name="RemembersIdsFor">How long it remembers the ids of signals; null unless <paramref name="Keeps"/>.</param>
[GenerateSerializer, Immutable, Alias("direct.gateway-entry")]
public sealed record GatewayEntry(
    [property: Id(0)] Guid Id,
    [property: Id(1)] string Name,
    [property: Id(2)] IGatewayObserver[] Observers,
    [property: Id(3)] TimeSpan? FenceAfter = null,
    [property: Id(4)] bool Keeps = false,
    [property: Id(5)] TimeSpan? KeepFor = null,
    [property: Id(6)] TimeSpan? RemembersIdsFor = null);

/// <summary>Represents the live gateways.</summary>
/// <param name="Epoch">The epoch of the registry's activation; versions of different epochs cannot be compared.</param>
/// <param name="Version">A number that increases with every change.</param>
/// <param name="Entries">All entries; empty if the poll did not ask for them.</param>
/// <param name="HighestTestId">The number up to which no test id may be assigned again.</param>
[GenerateSerializer, Immutable, Alias("direct.gateway-table")]
public sealed record GatewayTable(
    [property: Id(0)] Guid Epoch,
    [property: Id(1)] long Version,
    [property: Id(2)] GatewayEntry[] Entries,
    [property: Id(3)] long HighestTestId)
{
    /// <summary>Represents the table of a silo whose poll has never been answered.</summary>
    public static readonly GatewayTable None = new(Guid.Empty, 0, [], 0);
}

/// <summary>Specifies the result of a poll.</summary>
public enum PollStatus : byte
{
    /// <summary>The table is current; the answer contains it if the silo's table differs.</summary>
    Current = 0,

    /// <summary>The registry has just started: poll again at once, with the entries.</summary>
    SendEntries = 1,

    /// <summary>The cluster does not consider this silo active: it must not serve.</summary>
    NotActive = 2,
}

/// <summary>Represents the answer to a poll.</summary>
/// <param name="Status">The result.</param>
/// <param name="Table">The table, if it differs from the silo's; otherwise null.</param>
[GenerateSerializer, Immutable, Alias("direct.poll-answer")]
public sealed record PollAnswer([property: Id(0)] PollStatus Status, [property: Id(1)] GatewayTable? Table);

namespace Direct.Grains.Gateways;

/// <summary>
/// Knows which gateways live, by leases, and tells the silos. There is one, with the key 0. Which they are is stored nowhere: a fresh
/// activation serves once it has the union of what the active silos knew.
/// </summary>
[Alias("direct.gateway-registry")]
public interface IGatewayRegistryGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Grants a lease, and answers when every active silo knows the gateway. False: not ready, or refused (<see cref="RefusalAsync"/>
    /// says why); try again.
    /// </summary>
    [Alias("register"), ResponseTimeout("00:00:05")]
    ValueTask<bool> RegisterAsync(GatewayEntry gateway);

    /// <summary>
    /// Why the registry grants this gateway no lease, whenever it asks: a sentence that says what somebody must change; null when it grants
    /// one. A registry of 0.1.0 does not know this method, and refuses nobody.
    /// </summary>
    [Alias("refusal"), ResponseTimeout("00:00:01")]
    ValueTask<string?> RefusalAsync(GatewayEntry gateway);

    /// <summary>Renews a lease. A registry that has just started learns about the gateway in this way.</summary>
    /// <param name="gateway">The gateway, as it registered.</param>
    /// <param name="highestTestId">The highest test id that the gateway has handed out or holds.</param>
    [Alias("renew"), ResponseTimeout("00:00:01")]
    ValueTask<RenewAnswer> RenewAsync(GatewayEntry gateway, long highestTestId);

    /// <summary>Ends a lease: the gateway has closed its last connection.</summary>
    [Alias("leave"), ResponseTimeout("00:00:02")]
    ValueTask LeaveAsync(Guid gateway);

    /// <summary>Polls the table for a silo, and so shows that the silo is reachable. Answers on a change, or after 0.4 s.</summary>
    /// <param name="silo">The asking silo.</param>
    /// <param name="known">The version that it has.</param>
    /// <param name="isComplete">Whether the entries are in it, as the last answer asked; else it is only the version.</param>
    [Alias("poll"), ResponseTimeout("00:00:01")]
    ValueTask<PollAnswer> PollAsync(SiloAddress silo, GatewayTable known, bool isComplete);

    /// <summary>Returns a block of user ids for <c>env=test</c>: the first of <see cref="TestIdBlock"/>; 0 when not ready.</summary>
    [Alias("test-ids"), ResponseTimeout("00:00:02")]
    ValueTask<long> TakeTestIdsAsync();

    /// <summary>Specifies the number of ids in a block.</summary>
    const int TestIdBlock = 100;
}

/// <summary>The result of a renewal.</summary>
public enum RenewAnswer : byte
{
    /// <summary>The lease runs from now.</summary>
    Renewed = 0,

    /// <summary>There is no such lease any more: close what is open, and register anew under another id.</summary>
    Unknown = 1,
}

/// <summary>One gateway.</summary>
/// <param name="Id">The id of this run; a gateway that registers again takes a new one.</param>
/// <param name="Name">The name for people: host and port.</param>
/// <param name="Observers">Its stripes.</param>
/// <param name="FenceAfter">
/// How long after the start of its last renewal it closes its connections; null when it does not say, as gateways of 0.1.0 do not.
/// </param>
[GenerateSerializer, Immutable, Alias("direct.gateway-entry")]
public sealed record GatewayEntry(
    [property: Id(0)] Guid Id,
    [property: Id(1)] string Name,
    [property: Id(2)] IGatewayObserver[] Observers,
    [property: Id(3)] TimeSpan? FenceAfter = null);

/// <summary>The live gateways.</summary>
/// <param name="Epoch">The epoch of the registry's activation; versions of different epochs cannot be compared.</param>
/// <param name="Version">Rises with every change.</param>
/// <param name="Entries">All entries; empty if the poll did not ask for them.</param>
/// <param name="HighestTestId">No test id up to this one may be handed out again.</param>
[GenerateSerializer, Immutable, Alias("direct.gateway-table")]
public sealed record GatewayTable(
    [property: Id(0)] Guid Epoch,
    [property: Id(1)] long Version,
    [property: Id(2)] GatewayEntry[] Entries,
    [property: Id(3)] long HighestTestId)
{
    /// <summary>What a silo has that has never been answered.</summary>
    public static readonly GatewayTable None = new(Guid.Empty, 0, [], 0);
}

/// <summary>The result of a poll.</summary>
public enum PollStatus : byte
{
    /// <summary>The table is current; it is in the answer when the silo's was not.</summary>
    Current = 0,

    /// <summary>The registry has just started: poll again at once, with the entries.</summary>
    SendEntries = 1,

    /// <summary>The cluster does not see this silo as active: it must not serve.</summary>
    NotActive = 2,
}

/// <summary>A poll's answer.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Table">The table, when it is another than the silo's; else null.</param>
[GenerateSerializer, Immutable, Alias("direct.poll-answer")]
public sealed record PollAnswer([property: Id(0)] PollStatus Status, [property: Id(1)] GatewayTable? Table);

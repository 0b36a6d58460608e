using Direct.Edge.Diagnostics;
using Direct.Edge.Identity;
using Direct.Edge.Node;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Direct.Edge.BackendApi;

/// <summary>
/// Decides who may call the HTTP API for backends: a caller with a key or from an allowed network, or only with both if that is set. If neither keys
/// nor networks are set, everyone may call with <c>env=test</c>, and nobody otherwise. A request that a browser makes for a page of another origin
/// always needs a key.
/// </summary>
/// <remarks>
/// No decision depends on text that an unknown caller can write: neither the address text, nor the parts of <c>X-Forwarded-For</c> that no trusted
/// proxy wrote.
/// </remarks>
internal sealed class SignalAccess
{
    private static readonly Problem Closed = Problem.Forbidden(
        "Signals are closed: this node has neither a key nor an allowed network for callers. Set Direct:Signals:Keys:0 to a key that they "
        + "give, or Direct:Signals:AllowedNetworks:0 to a network that they call from. Only env=test opens signals to everyone.");

    private static readonly Problem NoKey = Problem.Unauthorized(
        "No key was given: expected 'Authorization: Bearer <key>', or key=<key> in the query string.");

    private static readonly Problem TwoKeys = Problem.Unauthorized(
        "More than one key was given: expected one, by 'Authorization: Bearer <key>' or by key=<key> in the query string.");

    private static readonly Problem WrongKey = Problem.Unauthorized("The key is none of this node's (Direct:Signals:Keys).");

    private const string ForeignPageDetail =
        "A web browser made this request, and does not say that it is for a page of this node's own origin (Sec-Fetch-Site, Origin or Referer). The address alone "
        + "does not allow that: give a key, or name the page's origin in Direct:Connections:AllowedOrigins.";

    private readonly ClientAddressReader _addresses;
    private readonly ForeignPage _foreignPage;
    private readonly FailedAttempts _failures;
    private readonly GatewayMetrics _metrics;
    private readonly SignalKeys _keys;
    private readonly NetworkSet _networks;
    private readonly bool _needsBoth;
    private readonly int _failureLimit;

    public SignalAccess(
        IOptions<SignalOptions> options,
        IOptions<NodeOptions> node,
        ClientAddressReader addresses,
        ForeignPage foreignPage,
        FailedAttempts failures,
        GatewayMetrics metrics)
    {
        var set = options.Value;
        (_addresses, _foreignPage, _failures, _metrics) = (addresses, foreignPage, failures, metrics);
        _keys = new SignalKeys(set.Keys);
        _networks = new NetworkSet(set.AllowedNetworks);
        _needsBoth = set.RequireKeyAndNetwork;
        _failureLimit = set.FailedAttemptsPerMinute;
        var isSet = _keys.Count + _networks.Count > 0;
        IsOpen = !isSet && node.Value.IsTest;
        IsClosed = !isSet && !node.Value.IsTest;
    }

    /// <summary>Gets whether everyone may call.</summary>
    public bool IsOpen { get; }

    /// <summary>Gets whether nobody may call.</summary>
    public bool IsClosed { get; }

    /// <summary>Gets the allowed callers, as the end of a sentence for the operator.</summary>
    public string Callers => (_keys.Count, _networks.Count) switch
    {
        _ when IsOpen => "everyone",
        _ when IsClosed => "nobody",
        (var keys, 0) => Holders(keys),
        (0, _) => $"everyone in {_networks}",
        var (keys, _) when _needsBoth => $"{Holders(keys)} who is in {_networks}",
        var (keys, _) => $"{Holders(keys)}, and everyone in {_networks} without one",
    };

    /// <summary>Checks a caller before any other part of its request is read.</summary>
    /// <returns>The reason why it may not call, or null.</returns>
    public Problem? Check(HttpContext context)
    {
        if (IsClosed)
        {
            return Refuse(Closed, "closed");
        }

        var isForeign = _foreignPage.MayHaveSent(context.Request);
        if (IsOpen)
        {
            return isForeign ? Refuse(Problem.Forbidden(ForeignPageDetail), "foreign_page") : null;
        }

        var address = _addresses.Read(context.Connection.RemoteIpAddress, context.Request.Headers);
        var isNear = _networks.Contains(address.Accountable);
        if (isNear && !_needsBoth && !isForeign)
        {
            return null; // with any key, because none is needed
        }

        var (refusal, reason) = Evaluate(context.Request, address, isNear);
        if (_failures.Note(address.Counted, refusal is not null) is { } wait)
        {
            (refusal, reason) = (TooMany(wait), "limited");
        }

        return refusal is null ? null : Refuse(refusal, reason);
    }

    private Problem Refuse(Problem refusal, string reason)
    {
        _metrics.SignalRefused(reason);
        return refusal;
    }

    // Checks a caller whose address alone is not sufficient.
    private (Problem? Refusal, string Reason) Evaluate(HttpRequest request, ClientAddress address, bool isNear)
    {
        if ((_needsBoth || _keys.Count == 0) && !isNear)
        {
            return (Elsewhere(address), "network");
        }

        if (_keys.Count == 0)
        {
            return (Problem.Forbidden(ForeignPageDetail), "foreign_page");
        }

        var (refusal, reason) = CheckKey(request);
        return reason == "no_key" && isNear && !_needsBoth ? (Problem.Unauthorized(ForeignPageDetail), "foreign_page") : (refusal, reason);
    }

    private (Problem? Refusal, string Reason) CheckKey(HttpRequest request)
    {
        var key = CallerKey.Read(request);
        return key.Count switch
        {
            0 => (NoKey, "no_key"),
            1 => _keys.Contains(key.Bytes) ? (null, "") : (WrongKey, "wrong_key"),
            _ => (TwoKeys, "wrong_key"),
        };
    }

    // The caller knows this address already, and it shows an operator whether the proxies are configured correctly.
    private static Problem Elsewhere(ClientAddress address) =>
        Problem.Forbidden($"The call comes from {address.Accountable}, which is in none of Direct:Signals:AllowedNetworks.");

    private Problem TooMany(TimeSpan wait)
    {
        var seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
        return Problem.TooManyFailures(
            $"{_failureLimit} calls from this address were refused within a minute (Direct:Signals:FailedAttemptsPerMinute). "
            + $"The next is looked at in {seconds} s.",
            seconds);
    }

    private static string Holders(int keys) => keys == 1 ? "whoever has the key" : $"whoever has one of {keys} keys";
}

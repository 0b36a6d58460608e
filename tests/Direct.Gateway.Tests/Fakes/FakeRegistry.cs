using Direct.Grains.Gateways;

namespace Direct.Gateway.Tests.Fakes;

/// <summary>Implements a registry whose responses the test sets; by default every call succeeds at once.</summary>
internal sealed class FakeRegistry : IGatewayRegistryGrain
{
    private readonly Lock _gate = new();
    private readonly List<GatewayEntry> _registered = [];
    private readonly List<(Guid Gateway, long HighestTestId)> _renewed = [];
    private readonly List<Guid> _left = [];
    private long _lastTestId;

    public Func<GatewayEntry, Task<bool>> OnRegister { get; set; } = static _ => Task.FromResult(true);

    public Func<GatewayEntry, Task<string?>> OnRefusal { get; set; } = static _ => Task.FromResult<string?>(null);

    public Func<GatewayEntry, Task<RenewAnswer>> OnRenew { get; set; } = static _ => Task.FromResult(RenewAnswer.Renewed);

    public Func<Task> OnTakeTestIds { get; set; } = static () => Task.CompletedTask;

    /// <summary>Gets or sets how many more requests for test ids are answered as not ready.</summary>
    public int TestIdRefusals { get; set; }

    public IReadOnlyList<GatewayEntry> Registered
    {
        get
        {
            lock (_gate)
            {
                return [.. _registered];
            }
        }
    }

    public IReadOnlyList<(Guid Gateway, long HighestTestId)> Renewed
    {
        get
        {
            lock (_gate)
            {
                return [.. _renewed];
            }
        }
    }

    public IReadOnlyList<Guid> Left
    {
        get
        {
            lock (_gate)
            {
                return [.. _left];
            }
        }
    }

    public async ValueTask<bool> RegisterAsync(GatewayEntry gateway)
    {
        lock (_gate)
        {
            _registered.Add(gateway);
        }

        return await OnRegister(gateway);
    }

    public async ValueTask<string?> RefusalAsync(GatewayEntry gateway) => await OnRefusal(gateway);

    public async ValueTask<RenewAnswer> RenewAsync(GatewayEntry gateway, long highestTestId)
    {
        lock (_gate)
        {
            _renewed.Add((gateway.Id, highestTestId));
        }

        return await OnRenew(gateway);
    }

    public ValueTask LeaveAsync(Guid gateway)
    {
        lock (_gate)
        {
            _left.Add(gateway);
        }

        return default;
    }

    public async ValueTask<long> TakeTestIdsAsync()
    {
        await OnTakeTestIds();
        lock (_gate)
        {
            if (TestIdRefusals > 0)
            {
                TestIdRefusals--;
                return 0;
            }

            var first = _lastTestId + 1;
            _lastTestId += IGatewayRegistryGrain.TestIdBlock;
            return first;
        }
    }

    public ValueTask<PollAnswer> PollAsync(SiloAddress silo, GatewayTable known, bool isComplete) => throw new NotSupportedException();
}

using Direct.Model.Tests.Clients;
using Direct.Model.Tests.Processes;
using Direct.Model.Tests.Simulation;

namespace Direct.Model.Tests;

/// <summary>Lets processes and the network fail, and starts others in the place of those that have ended.</summary>
internal sealed class Failures(ModelWorld world)
{
    private static readonly int[] Ends = [0, 1, 3, 4]; // of processes

    private readonly List<Task> _underWay = [];
    private double _usualFaultRate;
    private bool _wasPlanned;

    /// <summary>Gets the number of failures of each kind.</summary>
    public Dictionary<string, int> Counts { get; } = [];

    private ModelCluster Cluster => world.Cluster;

    private bool IsAnyAway => world.Members.Any(static client => client.IsAway);

    /// <summary>Lets one failure happen after the other. The next one comes when the cluster has copied again what was destroyed.</summary>
    public async Task RunOneByOneAsync()
    {
        for (var left = world.Random.Next(1, 4); left > 0 && world.Error is null; left--)
        {
            await world.PauseAsync(1500);
            _wasPlanned = false;
            if (world.Random.Next(3) == 0)
            {
                _ = StayAwayAsync(world.Members[world.Random.Next(world.Members.Count)]); // so that what it lacks is only where it was
            }

            await AnyAsync(isStrict: true);
            await Task.WhenAll(_underWay);
            _underWay.Clear();
            await world.SettleAsync();
            if (!_wasPlanned && IsAnyAway)
            {
                await Task.Delay(TimeSpan.FromSeconds(world.Random.Next(10, 40)), world.Clients.Clock); // until other gateways keep what only one has kept
            }
        }
    }

    /// <summary>Lets anything happen at any time.</summary>
    public async Task RunAsync()
    {
        _usualFaultRate = world.Random.Next(3) == 0 ? 0.3 * world.Random.NextDouble() : 0;
        Cluster.Network.FaultRate = _usualFaultRate;
        for (var left = world.Random.Next(2, 9); left > 0 && world.Error is null; left--)
        {
            await world.PauseAsync(world.Random.Next(3) == 0 ? 10_000 : 1500);
            var failing = AnyAsync(isStrict: false);
            if (world.Random.Next(2) == 0)
            {
                await failing;
            }
            else
            {
                _underWay.Add(failing);
            }
        }
    }

    /// <summary>Starts silos in the place of those that have ended. One that was cut off ends some time after it is reached again.</summary>
    public void StartSilosIfFew(int stopping = 0)
    {
        while (Cluster.Silos.Count(static silo => silo.IsMember && silo.Process.IsAlive) - stopping < 2)
        {
            Cluster.StartSilo();
        }
    }

    /// <summary>Ends everything that still fails.</summary>
    public async Task EndAsync()
    {
        await Task.WhenAll(_underWay);
        await StartSiloIfFewAsync();
        Cluster.Network.FaultRate = 0;
    }

    private async Task AnyAsync(bool isStrict)
    {
        switch (isStrict && IsAnyAway && world.Random.Next(2) == 0 ? Ends[world.Random.Next(Ends.Length)] : world.Random.Next(12))
        {
            case 0:
                await SiloAsync("silo killed", KillAsync);
                break;
            case 1:
                await SiloAsync("silo stopped", silo => StopAsync(silo));
                break;
            case 2:
                await MoveAsync();
                break;
            case 3:
                await GatewayAsync("gateway killed", KillAsync);
                break;
            case 4:
                await GatewayAsync("gateway drained", DrainAsync);
                await AfterDrainAsync();
                break;
            case 5:
                await SiloAsync("silo frozen", silo => FreezeAsync(silo.Process, () => StartSiloIfFewAsync()));
                break;
            case 6:
                await GatewayAsync("gateway frozen", gateway => FreezeAsync(gateway.Process, static () => Task.CompletedTask));
                break;
            case 7:
                await SiloAsync("silo cut off", silo => CutAsync(silo.Process, () => StartSiloIfFewAsync()));
                break;
            case 8:
                await GatewayAsync("gateway cut off", gateway => CutAsync(gateway.Process, static () => Task.CompletedTask));
                break;
            case 9:
                await LoseCallsAsync();
                break;
            default:
                await LoseClientsAsync(isStrict);
                break;
        }
    }

    private void Count(string kind)
    {
        Cluster.Trace.Add($"-- {kind}");
        Counts[kind] = Counts.GetValueOrDefault(kind) + 1;
    }

    private async Task SiloAsync(string kind, Func<ModelSilo, Task> fail)
    {
        var silos = Cluster.Silos.FindAll(static silo => silo is { IsMember: true, IsStopping: false, Process: { IsAlive: true, IsFrozen: false, IsCut: false } });
        if (silos.Count > 0)
        {
            Count(kind);
            await fail(silos[world.Random.Next(silos.Count)]);
        }
    }

    private async Task GatewayAsync(string kind, Func<ModelGateway, Task> fail)
    {
        var gateways = Cluster.Gateways.FindAll(static gateway => gateway is { IsOpen: true, Process: { IsFrozen: false, IsCut: false } });
        if (gateways.Count > 0)
        {
            Count(kind);
            var left = gateways.FindAll(gateway => world.Members.Any(client => client.IsAway && client.LastGateway == gateway));
            var some = left.Count > 0 && world.Random.Next(2) == 0 ? left : gateways; // only this one has what the client lacks
            await fail(some[world.Random.Next(some.Count)]);
        }
    }

    private async Task KillAsync(ModelSilo silo)
    {
        Cluster.Kill(silo);
        await world.PauseAsync(3000);
        Cluster.Remove(silo);
        await StartSiloIfFewAsync();
    }

    private async Task StopAsync(ModelSilo silo)
    {
        await StartSiloIfFewAsync(stopping: 1);
        var longest = TimeSpan.FromSeconds(world.Random.Next(1, 6));
        var stopping = new TaskCompletionSource();
        silo.Process.Post(() => _ = StopAsync(silo, longest, stopping));
        await WhenDeadAsync(silo.Process, TimeSpan.FromSeconds(20));
    }

    private async Task StopAsync(ModelSilo silo, TimeSpan longest, TaskCompletionSource stopped)
    {
        await Cluster.StopAsync(silo, longest);
        stopped.SetResult();
    }

    private async Task MoveAsync()
    {
        for (var left = world.Random.Next(1, 6); left > 0; left--)
        {
            var activations = Cluster.Activations.Where(static activation => activation.Silo.Process is { IsAlive: true, IsFrozen: false }).ToList();
            if (activations.Count > 0)
            {
                Count("lane moved");
                var activation = activations[world.Random.Next(activations.Count)];
                world.SendSome(activation.Lane); // so that it still delivers while the next activation recovers
                await world.PauseAsync(10);
                activation.EndSoon();
                world.SendSome(activation.Lane);
            }
        }

        await world.PauseAsync(500);
    }

    private async Task KillAsync(ModelGateway gateway)
    {
        Cluster.Kill(gateway);
        foreach (var original in world.Originals.Where(original => original.Gateway == gateway))
        {
            original.Lose();
        }

        foreach (var client in world.Members.Where(client => client.Gateway == gateway))
        {
            await world.PauseAsync(500);
            client.Lose("its gateway was killed");
        }

        Cluster.StartGateway();
    }

    private async Task DrainAsync(ModelGateway gateway)
    {
        Cluster.StartGateway();
        await world.PauseAsync(3000);
        var duration = TimeSpan.FromMilliseconds(world.Random.Next(1, 2000));
        gateway.Process.Post(() => _ = gateway.DrainAsync(duration));
        _wasPlanned = await WhenDeadAsync(gateway.Process, TimeSpan.FromSeconds(30));
        if (!_wasPlanned)
        {
            await KillAsync(gateway);
        }
    }

    // An upgrade does not wait for anything. A silo may be killed when other gateways have had the time to keep what the drained one has handed over.
    private async Task AfterDrainAsync()
    {
        switch (_wasPlanned ? world.Random.Next(3) : 2)
        {
            case 0:
                await SiloAsync("silo stopped", silo => StopAsync(silo));
                break;
            case 1:
                await Task.Delay(TimeSpan.FromSeconds(3), world.Clients.Clock);
                await SiloAsync("silo killed", KillAsync);
                break;
        }
    }

    private async Task FreezeAsync(SimulatedProcess process, Func<Task> replace)
    {
        process.Freeze();
        await Task.Delay(LongOrShort(), world.Clients.Clock);
        Cluster.Trace.Add($"{process} continues");
        process.Continue();
        await replace();
    }

    private async Task CutAsync(SimulatedProcess process, Func<Task> replace)
    {
        process.IsCut = true;
        await Task.Delay(LongOrShort(), world.Clients.Clock);
        Cluster.Trace.Add($"{process} is reached again");
        process.IsCut = false;
        await replace();
    }

    private async Task LoseCallsAsync()
    {
        Count("calls lost");
        Cluster.Network.FaultRate = 0.05 + (0.4 * world.Random.NextDouble());
        await Task.Delay(TimeSpan.FromMilliseconds(world.Random.Next(100, 4000)), world.Clients.Clock);
        Cluster.Network.FaultRate = _usualFaultRate;
    }

    // Only clients fail here.
    private async Task LoseClientsAsync(bool isStrict)
    {
        Count("client lost");
        var client = world.Members[world.Random.Next(world.Members.Count)];
        switch (world.Random.Next(isStrict ? 2 : 4))
        {
            case 0:
                client.Lose("its network");
                break;
            case 1:
                _ = StayAwayAsync(client);
                break;
            case 2:
                client.IsSlow = true;
                client.Lose("it begins to read slowly");
                await Task.Delay(TimeSpan.FromSeconds(world.Random.Next(1, 30)), world.Clients.Clock);
                client.ReadAll();
                break;
            default:
                foreach (var one in world.Members)
                {
                    one.Lose("all networks");
                }

                break;
        }
    }

    private async Task StayAwayAsync(ModelClient client)
    {
        if (client.IsAway || client.Gateway is null || !world.MayStayAway)
        {
            return; // two absences without a connection between them may be longer than the window
        }

        client.IsAway = true;
        client.Lose("its network, for a while");
        await Task.Delay(TimeSpan.FromSeconds(world.Random.Next(1, 90)), world.Clients.Clock);
        client.IsAway = false;
    }

    private async Task StartSiloIfFewAsync(int stopping = 0)
    {
        if (world.Random.Next(2) == 0)
        {
            await world.PauseAsync(2000);
        }

        StartSilosIfFew(stopping);
    }

    private async Task<bool> WhenDeadAsync(SimulatedProcess process, TimeSpan longest)
    {
        for (var waited = TimeSpan.Zero; waited < longest && process.IsAlive; waited += TimeSpan.FromMilliseconds(250))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(250), world.Clients.Clock);
        }

        return !process.IsAlive;
    }

    private TimeSpan LongOrShort() => world.Random.Next(3) switch
    {
        0 => TimeSpan.FromMilliseconds(world.Random.Next(50, 1000)),
        1 => TimeSpan.FromSeconds(1 + (4 * world.Random.NextDouble())),
        _ => TimeSpan.FromSeconds(5 + (20 * world.Random.NextDouble())),
    };
}

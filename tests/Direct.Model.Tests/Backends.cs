using System.Globalization;
using System.Text;
using Direct.Edge.Backplane;
using Direct.Edge.Topics;
using Direct.Gateway.Publishing;
using Direct.Grains.Topics;
using Direct.Model.Tests.Checks;
using Direct.Model.Tests.Processes;
using Direct.Timing;

namespace Direct.Model.Tests;

/// <summary>Sends signals through gateways, some of them with an id, and these perhaps again through another gateway.</summary>
internal sealed class Backends(ModelWorld world)
{
    private static readonly TimeSpan AcceptedWithin = TimeSpan.FromSeconds(6);

    private static readonly Target[] Targets =
        [new(7, 0, 0), new(7, 0, 0), new(7, 0, 0), new(7, 1, 0), new(0, 1, 0), new(0, 0, 1), new(0, 0, 1), new(0, 0, 1 + Lane.UserPartitions), default];

    /// <summary>Sends 20 to 60 signals, and more until something has ended.</summary>
    public async Task RunAsync(Task until)
    {
        for (var left = world.Random.Next(20, 60); (left > 0 || !until.IsCompleted) && world.Error is null; left--)
        {
            Send(Targets[world.Random.Next(Targets.Length)]);
            if (world.Random.Next(3) > 0)
            {
                await world.PauseAsync(left > 0 ? 800 : 5000);
            }
        }
    }

    /// <summary>Sends one signal to each topic.</summary>
    public void SendLast()
    {
        foreach (var target in Targets.Distinct())
        {
            Send(target);
        }
    }

    /// <summary>Sends up to three signals to topics of one lane.</summary>
    public void SendSome(Lane lane)
    {
        var targets = Array.FindAll(Targets, target => Lane.Of(Topic.For(target).ToKey()) == lane);
        for (var left = targets.Length == 0 ? 0 : world.Random.Next(4); left > 0; left--)
        {
            Send(targets[world.Random.Next(targets.Length)]);
        }
    }

    /// <summary>Sends a signal, perhaps again with the same id.</summary>
    public void Send(Target target)
    {
        if (AnyGateway() is not { } gateway)
        {
            return;
        }

        var number = world.Messages.Count + 1;
        var part = target.ToString();
        var message = new ModelMessage(number, part, target, world.Random.Next(3) == 0 ? string.Create(CultureInfo.InvariantCulture, $"id-{number}") : null, world.NextMoment());
        world.Messages.Add(message);
        Send(message, gateway);
        if (message.Id is not null && world.Random.Next(2) == 0)
        {
            _ = RepeatAsync(message);
        }
    }

    private async Task RepeatAsync(ModelMessage message)
    {
        for (var times = world.Random.Next(1, 4); times > 0; times--)
        {
            await world.PauseAsync(world.Random.Next(2) == 0 ? 100 : 20_000);
            if (AnyGateway() is { } gateway)
            {
                Send(message, gateway);
            }
        }
    }

    private void Send(ModelMessage message, ModelGateway gateway) => gateway.Process.Post(() => _ = PublishAsync(message, gateway));

    private async Task PublishAsync(ModelMessage message, ModelGateway gateway)
    {
        world.Cluster.Trace.Add($"{gateway.Process} publishes {message}");
        var text = Encoding.ASCII.GetBytes($"{message.Number}:{new string('x', message.Number * 7 % 60)}");
        if (gateway.Backplane.Publish(new Signal(Topic.For(message.Target), message.Target, text, message.Id)).Pending is not { } pending)
        {
            return;
        }

        if (!await pending.Accepted.TryWaitAsync(AcceptedWithin, gateway.Process.Clock) && pending.TryGiveUp())
        {
            world.Cluster.Trace.Add($"{gateway.Process} gives up {message}");
            return;
        }

        world.Cluster.Trace.Add($"{gateway.Process} says that {message} is accepted");
        message.AcceptedBy.Add(gateway);
        var receipt = await pending.Completion;
        world.Cluster.Trace.Add($"{gateway.Process} says that {message} is received: {receipt}");
        if (receipt.Status is ReceiptStatus.Delivered)
        {
            message.IsCompleted = true;
        }
        else
        {
            world.Fail($"{message} has {receipt}");
        }
    }

    // Also one that is frozen or cut off, or has lost its lease: a backend does not know that.
    private ModelGateway? AnyGateway()
    {
        var gateways = world.Cluster.Gateways.FindAll(static gateway => gateway is { Process.IsAlive: true, IsDraining: false });
        return gateways.Count == 0 ? null : gateways[world.Random.Next(gateways.Count)];
    }
}

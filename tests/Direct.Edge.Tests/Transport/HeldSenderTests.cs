using Direct.Edge.Backplane;
using Direct.Edge.Node;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Tests.Transport.Loop;
using Direct.Testing.Processes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;
using Microsoft.Extensions.DependencyInjection;

namespace Direct.Edge.Tests.Transport;

/// <summary>Tests a client that is not read because the room of its broadcast is full. The transports must still let its connection end.</summary>
public sealed class HeldSenderTests
{
    [Theory]
    [InlineData("kestrel", true)]
    [InlineData("kestrel", false)]
    [InlineData("direct", true)]
    [InlineData("direct", false)]
    public async Task CloseAllAsync_SenderThatWaitsForRoom_EndsWithoutIt(string transport, bool answers)
    {
        LinuxOnly.SkipElsewhere();
        var published = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var backplane = new FaultyBackplane
        {
            OnReady = _ => new ValueTask(new TaskCompletionSource().Task),
            OnPublish = _ =>
            {
                published.TrySetResult();
                return default;
            },
        };
        var port = FreePort.Take();
        await using var node = TestComposition.Create(
            services => services.AddSingleton<IBackplane>(backplane),
            "env=test", $"port={port}", "Direct:Endpoints:Address=127.0.0.1", $"transport={transport}", "Direct:Connections:CloseTimeout=00:00:01");
        await node.StartAsync();
        await using var client = await ProtocolClient.ConnectWithTokenAsync(port);
        await client.JoinAsync(1, 2);
        await client.BroadcastAsync("first");
        await Deadline.RunAsync("the broadcast", token => new ValueTask(published.Task.WaitAsync(token)));

        var closing = node.Get<INodeFence>().CloseAllAsync();

        var status = await (answers ? client.ReceiveCloseAsync() : client.ReceiveCloseFrameAsync());
        await Deadline.RunAsync("the fence", token => new ValueTask(closing.WaitAsync(token)));
        Assert.Equal(4008, status.Code);
    }
}

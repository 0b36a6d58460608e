using Direct.Testing.Processes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Client.Tests.Package;

/// <summary>Tests that the unchanged programs of the client's README do what it says.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public async Task Programs_AgainstANode_SendAndReceive()
    {
        await using var node = await NodeProcess.StartAsync("cluster=none", "Direct:Connections:Direct2=true");
        await using var member = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        await member.JoinAsync(7, 1);

        await ReadmeExample.RunAsync("AddDirectSignals", $"127.0.0.1:{node.Port}");
        var connection = ReadmeExample.RunAsync("DirectConnection", $"127.0.0.1:{node.Port}");

        Assert.Equal(["dinner is ready", "hello"], [await member.ReceiveTextAsync(), await member.ReceiveTextAsync()]);
        Assert.False(connection.IsCompleted);
        await node.Http.PostAsync(new Uri("/!direct-close?part=7,1,0&code=4500", UriKind.Relative), null, TestContext.Current.CancellationToken);
        await Deadline.RunAsync("the end of the program", async cancellationToken => await connection.WaitAsync(cancellationToken));
    }
}

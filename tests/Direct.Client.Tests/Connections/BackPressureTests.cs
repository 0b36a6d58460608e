using Direct.Client.Tests.Fakes;

namespace Direct.Client.Tests.Connections;

public sealed class BackPressureTests
{
    [Fact]
    public async Task Events_ThatAreNotRead_StopTheReceivingAndAreNotLost()
    {
        await using var test = new ConnectionUnderTest(options =>
        {
            options.Rooms.Add(new(7, 1));
            options.EventCapacity = 3;
        });
        var joined = test.Connection.JoinAsync(new(7, 1), TestContext.Current.CancellationToken);
        var peer = await test.Gateway.WelcomeAsync();
        await test.Started;
        await peer.SendAsync([.. Enumerable.Range(1, 20).Select(i => $"7,1,0 p{i}\n{i}"), "joined 7,1 #1"]);

        // Two messages beside the state, and one that waits: what comes after them has not been handled.
        await test.ReadStateAsync(DirectConnectionState.Connected);
        Assert.False(joined.IsCompleted);
        var texts = new List<string>();
        while (texts.Count < 20)
        {
            texts.Add((await test.ReadAsync<DirectMessage>()).Text);
        }

        await joined;
        Assert.Equal(Enumerable.Range(1, 20).Select(i => $"{i}"), texts);
    }
}

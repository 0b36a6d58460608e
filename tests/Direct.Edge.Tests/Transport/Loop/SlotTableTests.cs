using Direct.Edge.Transport.Loop;

namespace Direct.Edge.Tests.Transport.Loop;

public sealed class SlotTableTests
{
    private readonly SlotTable _table = new();

    [Fact]
    public void Add_AfterRemove_UsesTheSlotAgainWithAnotherGeneration()
    {
        var old = _table.Add(new ActingSocket());
        _table.Remove(old);
        var successor = new ActingSocket();

        var token = _table.Add(successor);

        Assert.Equal((uint)old, (uint)token);
        Assert.NotEqual(old, token);
        Assert.Same(successor, _table.Find(token));
        Assert.Null(_table.Find(old));
    }

    [Fact]
    public void Add_AfterSeveralRemoves_UsesEachSlotOnce()
    {
        var tokens = Enumerable.Range(0, 10).Select(_ => _table.Add(new ActingSocket())).ToArray();
        foreach (var token in tokens)
        {
            _table.Remove(token);
        }

        var again = Enumerable.Range(0, 11).Select(_ => _table.Add(new ActingSocket())).ToArray();

        Assert.Equal(tokens.Select(token => (uint)token).Append(10u), again.Select(token => (uint)token).Order());
    }

    [Fact]
    public void Remove_TheSecondTime_LeavesTheSuccessorAlone()
    {
        var old = _table.Add(new ActingSocket());
        _table.Remove(old);
        var successor = new ActingSocket();
        var token = _table.Add(successor);

        _table.Remove(old);

        Assert.Same(successor, _table.Find(token));
        Assert.NotEqual((uint)token, (uint)_table.Add(new ActingSocket()));
    }

    [Fact]
    public void Replace_OfASocket_KeepsItsToken()
    {
        var token = _table.Add(new ActingSocket());
        var another = new ActingSocket();

        _table.Replace(token, another);

        Assert.Same(another, _table.Find(token));
    }

    [Fact]
    public void Replace_AfterRemove_LeavesTheSuccessorAlone()
    {
        var old = _table.Add(new ActingSocket());
        _table.Remove(old);
        var successor = new ActingSocket();
        var token = _table.Add(successor);

        _table.Replace(old, new ActingSocket());

        Assert.Same(successor, _table.Find(token));
        Assert.Null(_table.Find(old));
    }

    // After many additions and removals a socket in the table is found by the newest token of its slot, and not by earlier ones.
    [Fact]
    public void Find_AfterManyComeAndGo_IsWhoIsThere()
    {
        var random = new Random(1);
        var there = new Dictionary<ulong, ActingSocket>();
        var gone = new List<ulong>();
        for (var step = 0; step < 20_000; step++)
        {
            if (there.Count == 0 || random.Next(200) > there.Count)
            {
                var socket = new ActingSocket();
                there.Add(_table.Add(socket), socket);
            }
            else
            {
                var token = there.Keys.ElementAt(random.Next(there.Count));
                _table.Remove(token);
                there.Remove(token);
                gone.Add(token);
            }
        }

        Assert.All(there, pair => Assert.Same(pair.Value, _table.Find(pair.Key)));
        Assert.All(gone, token => Assert.Null(_table.Find(token)));
    }
}

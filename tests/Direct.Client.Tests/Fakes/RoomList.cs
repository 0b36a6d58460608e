namespace Direct.Client.Tests.Fakes;

internal static class RoomList
{
    public static void Add(this IList<DirectRoom> rooms, params ReadOnlySpan<DirectRoom> added)
    {
        foreach (var room in added)
        {
            rooms.Add(room);
        }
    }
}

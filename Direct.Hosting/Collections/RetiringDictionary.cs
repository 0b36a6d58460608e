using System.Collections.Concurrent;

namespace Direct.Collections;

/// <summary>
/// Holds values that exist only while they are used. A value retires when its last user has left it, and refuses all users from then on; the
/// next user of its key gets a new value.
/// </summary>
/// <remarks>
/// A value decides under its own lock that it retires, and is removed a moment later. A thread that finds it in between does not wait for that, but
/// helps: <see cref="Replace"/> removes the value too. This is safe, because a retired value never returns to the dictionary, and
/// because each removal names the value and not only its key, so it cannot remove the value that has followed.
/// </remarks>
/// <param name="create">Creates the value of a key. It may be called for a value that is not used, when two threads add the key at once.</param>
internal sealed class RetiringDictionary<TKey, TValue>(Func<TKey, TValue> create) : ConcurrentDictionary<TKey, TValue>
    where TKey : notnull
    where TValue : class
{
    /// <summary>Returns the value of the key, which may have retired.</summary>
    public TValue GetOrAdd(TKey key) => GetOrAdd(key, create);

    /// <summary>Returns the value that follows the one that was found retired.</summary>
    public TValue Replace(TKey key, TValue retired)
    {
        Remove(key, retired);
        return GetOrAdd(key);
    }

    /// <summary>Removes a value that has retired, unless another one has followed it.</summary>
    public void Remove(TKey key, TValue retired) => TryRemove(KeyValuePair.Create(key, retired));
}

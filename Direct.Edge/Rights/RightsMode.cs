namespace Direct.Edge.Rights;

/// <summary>Specifies where rights are looked up.</summary>
public enum RightsMode
{
    /// <summary>Nowhere: everyone may join every room and broadcast there.</summary>
    Open,

    /// <summary>In a database, by a statement.</summary>
    Sql,

    /// <summary>At a backend, by HTTP calls.</summary>
    Http,
}
